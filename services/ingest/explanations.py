"""What msgspec says of an event of the wrong shape, as an error that names field, value and what would be right."""

import math
import re
from functools import cache
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from shared.errors import FieldError, Scalar
from shared.reference.spellings import nearest_of
from shared.reference.vocabulary import short

_PATH = re.compile(r"^(.*?)(?: - at (?:`key` in )?`\$\.?(.*)`)?$", re.DOTALL)
_NAMED_FIELD = re.compile(r"`([^`]*)`")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATTERNS = {"dataset": "must be lower-case letters, digits and hyphens, at most 40, not a hyphen first"}
_LONGEST_READ = 64 * 1024
_EXACT, _LONGEST = 2**53, 10**100
"""Above the first, not every reader of JSON keeps an integer: it is told as text. Above the second it says nothing."""


def explained(error: msgspec.ValidationError, text: bytes | msgspec.Raw, kind: type[msgspec.Struct]) -> FieldError:
    """The error of an event, whose JSON is `text`, that is no `kind`."""
    match = _PATH.match(str(error))
    assert match, "every text matches"
    message, path = match[1], match[2] or ""
    named = _NAMED_FIELD.search(message)
    if "missing required field" in message and named:
        return FieldError(_join(path, named[1]), "required")
    if "unknown field" in message and named:
        return _unknown_field(path, named[1], text, kind)
    value = _value_at(path, text)
    if "matching regex" in message:
        return FieldError(path, _PATTERNS.get(path, "must not contain control characters"), value)
    said = f"{message[0].lower()}{message[1:]}"
    if "enum value" in message and (choices := _choices(kind, path)):
        wrong = f"invalid enum value {value!r}" if isinstance(value, str | int) else short(said)
        return FieldError(path, f"{wrong}; must be one of {', '.join(choices)}", value, nearest_of(str(value), choices))
    return FieldError(path, said, value)


def _unknown_field(path: str, name: str, text: bytes | msgspec.Raw, kind: type[msgspec.Struct]) -> FieldError:
    known = "" if path else f"; known: {', '.join(kind.__struct_fields__)}"
    return FieldError(_join(path, short(name)), f"unknown field{known}", _value_at(_join(path, name), text))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _value_at(path: str, text: bytes | msgspec.Raw) -> Scalar | UnsetType:
    """The value that was sent at `path`, if it is a single one, and the event not too long."""
    if memoryview(text).nbytes > _LONGEST_READ and not path.startswith("["):  # of an array but one is looked for
        return UNSET  # all of it is read to find one value, in which time nobody else is served
    try:
        found: Any = msgspec.json.decode(text)
        for name, index in _STEP.findall(path):
            found = found[name] if name else found[int(index)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return UNSET  # a key of an object, which has no place of its own, or what cannot be read
    return _told(found)


def _told(value: Any) -> Scalar | UnsetType:
    match value:
        case str():
            return short(value)
        case bool() | None:
            return value
        case int() if abs(value) <= _LONGEST:
            return value if abs(value) <= _EXACT else str(value)
        case float() if math.isfinite(value):
            return value
    return UNSET


@cache
def _choices(kind: type[msgspec.Struct], path: str) -> tuple[str, ...]:
    for field in msgspec.structs.fields(kind):
        if field.name == path:
            return tuple(dict.fromkeys(map(str, _literals(field.type))))
    return ()


def _literals(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for inner in get_args(annotation) for value in _literals(inner)]
