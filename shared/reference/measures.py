"""The measures' declarations, read from measures.toml, and the tags that they may speak of."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from shared.reference.tables import InconsistentReference
from shared.reference.terms import Priority
from shared.reference.vocabulary import DuplicateSpelling, Vocabulary

RecordKind = Literal["crime", "call", "stop"]


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure as declared: what it means and, for a count, the tags of the records that it counts."""

    id: str
    title: str
    definition: str
    unit: str
    kind: Literal["count", "indicator"]
    good: Literal["up", "down", "neither"]
    plan_area: str
    caveats: tuple[str, ...] = ()
    version: int
    of: RecordKind | None = None
    all: frozenset[str] = frozenset()
    any: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    dated: Literal["recorded", "outcome"] = "recorded"

    @property
    def name(self) -> str:
        return self.title

    @property
    def aliases(self) -> tuple[str, ...]:
        return ()

    @property
    def tags(self) -> frozenset[str]:
        return self.all | self.any | self.none

    def counts(self, tags: frozenset[str]) -> bool:
        """Whether a record that carries `tags` is counted."""
        return self.all <= tags and (not self.any or bool(self.any & tags)) and not self.none & tags


def read_measures(path: Path, tags: Mapping[RecordKind, frozenset[str]]) -> Vocabulary[Measure]:
    """The declared measures, in the file's order.

    `tags` holds every tag that a record of each kind can carry. Raises InconsistentReference, naming the measure,
    for a misspelt field, an unknown tag, a count of nothing, and an indicator that counts something.
    """
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))["measure"]
        measures = [msgspec.convert(entry, Measure) for entry in declared]
        for measure in measures:
            _check(measure, path.name, tags)
        return Vocabulary("measure", measures)
    except OSError as error:
        raise InconsistentReference(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError, DuplicateSpelling) as error:
        raise InconsistentReference(f"{path.name}: {error}") from error


def check_priorities(priorities: Mapping[str, tuple[Priority, ...]], measures: Vocabulary[Measure]) -> None:
    """Raises InconsistentReference for a borough's priority on a measure that is not declared."""
    for area, chosen in priorities.items():
        for priority in chosen:
            if priority.measure not in measures:
                raise InconsistentReference(f"priorities.toml {area}: no measure {priority.measure!r} is declared")


def _check(measure: Measure, file: str, tags: Mapping[RecordKind, frozenset[str]]) -> None:
    place = f"{file} measure {measure.id!r}"
    if measure.kind == "indicator":
        if measure.of or measure.tags:
            raise InconsistentReference(f"{place}: an indicator is posted; it counts no records")
        return
    if not measure.of or not (measure.all or measure.any):
        raise InconsistentReference(f"{place}: a count says which records it counts, in 'of' and 'all' or 'any'")
    if unknown := sorted(measure.tags - tags[measure.of]):
        raise InconsistentReference(f"{place}: no {measure.of} carries the tag {unknown[0]!r}")
