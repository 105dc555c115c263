"""Which areas' counts of one measure in one period are withheld. Pure.

London's count is published. So what is withheld adds up to a sum that anybody can work out, and each count among it
lies between what the sum leaves for it when the others are as large, and as small, as they can be.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[Any]


def withheld(counts: Counts, caps: Counts, seed: Mask | bool, below: int) -> Mask:
    """By area: the counts below `below`, those of `seed`, and the smallest others, until none can be worked out.

    `caps` are what other published figures say that a count is at most; what can only be 0 cannot be withheld.
    """
    hidden: Mask = (seed | (counts < below)) & (caps > 0)
    for area in np.argsort(counts, kind="stable"):
        if not hidden.any() or _is_safe(hidden, counts, caps, below):
            break
        hidden[area] = caps[area] > 0
    return hidden


def _is_safe(hidden: Mask, counts: Counts, caps: Counts, below: int) -> bool:
    """Whether each withheld count may be any of `below` + 1 numbers at least, or all that other figures leave it."""
    low, high = bounds(int(counts[hidden].sum()), caps[hidden])
    return bool(np.all(high - low >= np.minimum(caps[hidden], below)))


def bounds(total: int, caps: Counts) -> tuple[Counts, Counts]:
    """The least and the most that each of some counts can be which come to `total`."""
    return np.maximum(0, total - (caps.sum() - caps)), np.minimum(caps, total)
