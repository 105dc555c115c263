"""What was not accepted, and why: each distinct reason and each unknown value once, with its count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from re import compile as pattern

from shared.errors import FieldError

MOST_REASONS = 200
MOST_UNKNOWN = 10_000
MOST_LISTED = 10_000
OTHER = "(other reasons)"
_INDEX = pattern(r"\[\d+\]")


@dataclass(slots=True)
class Reason:
    """How many records it was given for, and where the first stands."""

    count: int
    example: str


@dataclass(slots=True)
class Unknown:
    """A value that the reference data do not know, under the field that held it; `nearest` are known ones like it."""

    field: str
    value: str
    nearest: tuple[str, ...]
    count: int
    example: str


@dataclass(slots=True)
class Listed:
    """One refusal: where it stands, how many records it is about, and everything that is wrong."""

    place: str
    records: int
    errors: tuple[str, ...]


@dataclass(slots=True)
class Rejections:
    """Rejected records, counted, the first 10,000 of them listed. One with two faults counts under both reasons.

    Beyond 200 distinct reasons the rest are counted together, so that a file of nonsense does not fill the memory;
    unknown values have a list of their own, of 10,000.
    """

    records: int = 0
    reasons: dict[str, Reason] = field(default_factory=dict)
    unknown: dict[str, Unknown] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)

    def add(self, errors: Sequence[FieldError], example: str, records: int = 1) -> None:
        """`records` records were rejected for all of `errors`; `example` shows one, or says where it stands."""
        self.records += records
        texts = dict.fromkeys(map(said, errors))
        if len(self.listed) < MOST_LISTED:
            self.listed.append(Listed(example, records, tuple(texts)))
        for text in texts:
            key = text if text in self.reasons or len(self.reasons) < MOST_REASONS else OTHER
            self.reasons.setdefault(key, Reason(0, example)).count += records
        for error in errors:
            if is_unknown(error):
                self._know(error, example, records)

    def _know(self, error: FieldError, example: str, records: int) -> None:
        # A list's items are values of one field: flags[0] and flags[3] may hold the same one.
        name = _INDEX.sub("", error.field)
        key = f"{name}={error.value}"
        if key not in self.unknown and len(self.unknown) >= MOST_UNKNOWN:
            return
        known = self.unknown.setdefault(key, Unknown(name, str(error.value), (), 0, example))
        known.count += records
        # Ingest leaves out the suggestions where a request has very many misspellings.
        known.nearest = known.nearest or error.nearest

    def most_frequent(self) -> list[tuple[str, Reason]]:
        """The reasons, the most frequent first."""
        return sorted(self.reasons.items(), key=lambda item: (-item[1].count, item[0]))

    def unknown_values(self) -> list[Unknown]:
        """The unknown values, the most frequent first."""
        return sorted(self.unknown.values(), key=lambda each: (-each.count, each.field, each.value))


def said(error: FieldError) -> str:
    """`field: message`."""
    return f"{error.field or 'record'}: {error.message}"


def is_unknown(error: FieldError) -> bool:
    """Whether the error is about a value that is not in a vocabulary."""
    is_term = error.message.startswith("unknown ") and not error.message.startswith("unknown field")
    return isinstance(error.value, str) and (is_term or bool(error.nearest))
