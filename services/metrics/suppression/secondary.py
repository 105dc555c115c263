"""Which areas' counts of one measure in one period are withheld. Pure.

London's count is published. So what is withheld adds up to a sum that anybody can work out, and each count among it
lies between what the sum leaves for it when the others are as large, and as small, as they can be.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[Any]


class Holder(NamedTuple):
    """A wider count by area, which is at least as large, and where it is withheld itself."""

    counts: Counts
    hidden: Mask


def withheld(counts: Counts, caps: Counts, seed: Mask | bool, below: int, holder: Holder | None = None) -> Mask:
    """By area: the counts below `below`, those of `seed`, and the smallest others, until none can be worked out.

    `caps` are what other published figures say that a count is at most; what can only be 0 cannot be withheld.
    """
    hidden: Mask = (seed | (counts < below)) & (caps > 0)
    for area in np.argsort(counts, kind="stable"):
        if not wanting(hidden, counts, caps, below, holder).any():
            break
        hidden[area] = caps[area] > 0
    return hidden


def wanting(hidden: Mask, counts: Counts, caps: Counts, below: int, holder: Holder | None = None) -> Mask:
    """Where a withheld count can be fewer than `below` + 1 numbers, and fewer than other figures leave it."""
    total = int(counts[hidden].sum())
    low, high = bounds(total, np.where(hidden, holder.counts if holder else caps, 0))
    room = high - low
    if holder:
        # Where the holder is withheld, its sum over such areas is known, so that they can hold no more together than
        # they do. But each is as open as the holder: whatever that gains or loses there, the count can follow.
        room = np.where(holder.hidden, total, room)
    found: Mask = hidden & (room < np.minimum(caps, below))
    return found


def bounds(total: int, caps: Counts) -> tuple[Counts, Counts]:
    """The least and the most that each of some counts can be which come to `total`."""
    return np.maximum(0, total - (caps.sum() - caps)), np.minimum(caps, total)
