"""What is asked of a rebuild, and what it tells."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from services.metrics.differences import Difference
from shared.errors import Conflict


class Missing(NamedTuple):
    """Records of a partition that were counted and that its log does not hold (`records`: at most so many), and why."""

    topic: str
    partition: int
    records: int
    reason: str


class Report(msgspec.Struct, kw_only=True):
    """What a rebuild did; `behind`: records that the live projector reads once more; `unfit`: that cannot be counted.

    `differences` between the old counts and the new ones at equal positions, `compared` partitions of them.
    """

    generation: str
    replaced: str
    swapped: bool
    records: int
    unfit: int
    partitions: int
    compared: int
    behind: int
    missing: list[Missing]
    differences: list[Difference]


class Choices(NamedTuple):
    """What was asked for.

    `accept_loss`: go on where the log lacks records; `check`: swap only if all was compared and nothing differs;
    `grace_seconds`: how long readers that are half way may still find the old counts; `batch_records`: how many a step
    takes at most.
    """

    accept_loss: bool = False
    check: bool = False
    grace_seconds: float = 5
    batch_records: int = 5000


class Lossy(Conflict):
    """The log does not hold everything that was counted."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        lines = [f"  {each.topic}-{each.partition}: {each.records:,} records, {each.reason}" for each in missing]
        super().__init__(
            "the log does not hold everything that was counted; nothing was changed. With --accept-loss the new "
            "counts are without, and say `incomplete` if records are missing:\n" + "\n".join(lines)
        )
        self.missing = missing
