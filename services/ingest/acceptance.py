"""Whether an event is accepted: its shape first, then its terms. Pure: bytes in, records and field errors out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args, get_origin

import msgspec

from services.ingest.terms import Refused, Terms
from shared.errors import FieldError
from shared.events import RECORD_TYPES, Record
from shared.reference import Reference

_PATH = re.compile(r"^(.*?)(?: - at (?:`key` in )?`\$\.?(.*)`)?$", re.DOTALL)
_NAMED_FIELD = re.compile(r"`([^`]*)`")
_PATTERNS = {"dataset": "must be lower-case letters, digits and hyphens, at most 40, not a hyphen first"}
_DECODERS = {topic: msgspec.json.Decoder(kind) for topic, kind in RECORD_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Rejected:
    """The item at `index` of the body, and everything that is wrong with it."""

    index: int
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is accepted, in the body's order, with its terms resolved to ids; and what is not, and why."""

    accepted: list[Record]
    rejected: list[Rejected]


def judge(items: Iterable[tuple[str, bytes | msgspec.Raw]], reference: Reference, today: date) -> Verdict:
    """Judge (topic, JSON text) items. `today` is London's: nothing is recorded later than tomorrow."""
    terms = Terms(reference, today)
    accepted: list[Record] = []
    rejected: list[Rejected] = []
    for index, (topic, text) in enumerate(items):
        try:
            accepted.append(terms.resolve(_DECODERS[topic].decode(text)))
        except msgspec.ValidationError as error:
            rejected.append(Rejected(index, (_explain(error, RECORD_TYPES[topic]),)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            rejected.append(Rejected(index, (FieldError("", f"not JSON: {error}"),)))
        except Refused as refused:
            rejected.append(Rejected(index, tuple(refused.errors)))
    return Verdict(accepted, rejected)


def _explain(error: msgspec.ValidationError, kind: type[Record]) -> FieldError:
    match = _PATH.match(str(error))
    assert match, "every text matches"
    message, path = match[1], match[2] or ""
    named = _NAMED_FIELD.search(message)
    if "missing required field" in message and named:
        return FieldError(_join(path, named[1]), "required")
    if "unknown field" in message and named:
        known = "" if path else f"; known: {', '.join(kind.__struct_fields__)}"
        return FieldError(_join(path, named[1]), f"unknown field{known}")
    if "matching regex" in message:
        return FieldError(path, _PATTERNS.get(path, "must not contain control characters"))
    if "enum value" in message and (choices := _choices(kind, path)):
        return FieldError(path, f"{message[0].lower()}{message[1:]}; must be one of {choices}")
    return FieldError(path, f"{message[0].lower()}{message[1:]}")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _choices(kind: type[Record], path: str) -> str:
    for field in msgspec.structs.fields(kind):
        if field.name == path:
            return ", ".join(dict.fromkeys(map(str, _literals(field.type))))
    return ""


def _literals(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for inner in get_args(annotation) for value in _literals(inner)]
