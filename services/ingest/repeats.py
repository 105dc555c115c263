"""Members that stand twice in an object: JSON does not say which of them is meant, and readers differ. Pure."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec


class Repeated(ValueError):
    """An object has two members of one name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def refuse_repeats(text: bytes | msgspec.Raw, canonical: bytes) -> None:
    """Raise Repeated where a member of the JSON `text` stands twice; `canonical` is what was understood of it."""
    if not cannot_repeat(text, canonical):
        refuse_any_repeat(bytes(text))


def refuse_any_repeat(text: bytes) -> None:
    """Raise Repeated where a member of the JSON `text` stands twice in any object."""
    json.loads(text, object_pairs_hook=_once, parse_int=str)  # an integer may have any number of digits


def cannot_repeat(text: bytes | msgspec.Raw, canonical: bytes) -> bool:
    """True only if no member of `text` can stand twice: each has a colon, and two quotes.

    Of what was understood, nothing but a time's offset gains a colon when it is written anew, and nothing but flags
    gains quotes; no record has both. An escape could hide either.
    """
    given = bytes(text)
    return given == canonical or (
        b"\\" not in given and given.count(b":") <= canonical.count(b":") and given.count(b'"') <= canonical.count(b'"')
    )


def _once(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise Repeated(Counter(name for name, _ in members).most_common(1)[0][0])
    return found
