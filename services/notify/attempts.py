"""What follows from an attempt to deliver: sent, failed for good, or again after a pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and after what pauses, a delivery is attempted."""

    max_attempts: int = 8
    first_pause_seconds: float = 10
    longest_pause_seconds: float = 3600

    def pause_seconds(self, attempts: int, chance: float) -> float:
        """Before the next attempt after `attempts`: doubling, capped, and drawn from its upper half by `chance`.

        `chance` is between 0 and 1. The spread keeps what failed together from coming back together.
        """
        # 2.0 ** 1024 overflows; the cap is reached long before.
        doubled = self.first_pause_seconds * 2.0 ** min(attempts - 1, 60)
        return min(doubled, self.longest_pause_seconds) * (0.5 + chance / 2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: keys of the channels that took the message, labels of those that did not."""

    delivered: Sequence[str]
    refused: Sequence[str]


@dataclass(frozen=True, slots=True)
class Next:
    """The notification's new state. `pause_seconds` is given while it is pending."""

    status: Literal["pending", "sent", "failed"]
    channel: str
    pause_seconds: float | None = None
    error: str | None = None


def following(outcome: Outcome, before: Sequence[str], attempts: int, patience: Patience, chance: float) -> Next:
    """`before` are the keys of channels that earlier attempts reached: a channel that has taken it is left alone.

    With a channel that never takes it, what another took still counts as sent; the error stays to be seen.
    """
    reached = [*before, *outcome.delivered]
    channel = "+".join(sorted({key.partition(":")[0] for key in reached})) or INBOX
    if not outcome.refused:
        return Next("sent", channel)
    error = f"not taken by {', '.join(outcome.refused)} (attempt {attempts} of {patience.max_attempts})"
    if attempts < patience.max_attempts:
        return Next("pending", channel, patience.pause_seconds(attempts, chance), error)
    return Next("sent" if reached else "failed", channel, error=error)
