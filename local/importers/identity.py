"""Identities for rows that carry none, or share one: derived from what the row says, the same at each import."""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

_SEPARATOR = "\x1f"


class Places:
    """Numbers the rows of one file that share an identity: the publisher counts every one of them.

    The first row keeps the identity, the second is `<identity>#2`, and so on.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def identify(self, shared: str) -> str:
        """The record id of the next row that has the identity `shared`."""
        self._seen[shared] += 1
        place = self._seen[shared]
        return shared if place == 1 else f"{shared}#{place}"


def digest(prefix: str, fields: Sequence[str]) -> str:
    """`<prefix>-` and 128 bits of the fields' hash."""
    return f"{prefix}-{blake2b(_SEPARATOR.join(fields).encode(), digest_size=16).hexdigest()}"
