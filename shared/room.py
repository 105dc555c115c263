"""How many bytes of request bodies a process holds at once, so that no number of senders fills its memory."""

from collections.abc import MutableMapping
from typing import Any

from shared.errors import Unavailable

HELD = "held_bytes"
"""Where an ASGI scope keeps what its request holds, by owner."""


class Room:
    """Bytes held for the requests that are under way: at most `most_bytes`, and of one owner at most half of them.

    Half, so that an owner who sends more than is read, or stops in the middle of every body, leaves room for others.
    Whoever holds nothing yet may hold a body of any size where nobody else does, or it could never be taken.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._most_of_one = most_bytes, most_bytes // 2
        self._of: dict[str, int] = {}
        self.held_bytes = 0

    def take(self, scope: MutableMapping[str, Any], owner: str, size: int) -> None:
        """Hold so many bytes more until the request ends; raises Unavailable, holding none, where there is no room."""
        of_one = self._of.get(owner, 0)
        if (self.held_bytes and self.held_bytes + size > self._most) or (of_one and of_one + size > self._most_of_one):
            raise Unavailable("more is sent at once than can be held; nothing was accepted", retry_after=1)
        self.held_bytes += size
        self._of[owner] = of_one + size
        scope[HELD] = owner, size + (scope[HELD][1] if HELD in scope else 0)

    def leave(self, scope: MutableMapping[str, Any]) -> None:
        """The request has ended: give back all that it holds."""
        if HELD not in scope:
            return
        owner, size = scope.pop(HELD)
        self.held_bytes -= size
        self._of[owner] -= size
        if not self._of[owner]:
            del self._of[owner]
