"""When counts have come to rest, so that alert rules can be evaluated: not in the middle of a load. Pure."""

from collections.abc import Callable, Hashable
from typing import NamedTuple

LONGEST_WAIT_SECONDS = 10
"""For how long at most a steady stream, which never rests, keeps rules from being evaluated."""


class Pace(NamedTuple):
    """Counts have come to rest after `rest_seconds` without a change.

    `caught_up` says if the log is known to hold no more, `applied` how many records of it have been applied. Who is
    behind and has applied none for `patience_seconds` is not waited for: it may be halted, or cut off.
    """

    rest_seconds: float
    caught_up: Callable[[], bool]
    applied: Callable[[], int]
    patience_seconds: float = 120


class Progress:
    """Whether this process still counts what stands in the log."""

    def __init__(self, pace: Pace, now: float) -> None:
        self._pace, self._applied, self._since = pace, pace.applied(), now

    def is_counting(self, now: float) -> bool:
        """Whether there is more to count, and it gets on with it."""
        applied = self._pace.applied()
        if applied != self._applied or self._pace.caught_up():
            self._applied, self._since = applied, now
        return not self._pace.caught_up() and now - self._since <= self._pace.patience_seconds


class Seen:
    """What the last look at the counts found, whether it has been dealt with, and since when there was more to do."""

    def __init__(self, now: float) -> None:
        self.is_done, self._since = False, now
        self._found: Hashable = None

    def rests(self, found: Hashable, now: float) -> bool:
        """Whether it was found at the last look as well, or has been changing for so long that it will not rest."""
        is_still = found == self._found
        if self.is_done:
            self._since = now
        self.is_done = self.is_done and is_still
        self._found = found
        return is_still or now - self._since > LONGEST_WAIT_SECONDS
