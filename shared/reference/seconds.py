"""Durations in buckets: where the edges stand, which bucket a duration falls into, and quantiles read back. Pure.

Bucket `i` holds the durations above EDGES[i - 1] and up to EDGES[i], that one included; the first holds all up to
EDGES[0], the last (numbered len(EDGES)) all above a day. So a duration is within an edge exactly if its bucket is
that edge's or an earlier one.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

ROUND = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
"""Seconds that targets are set in, and published figures stand at: each is an edge."""
_GROWTH, _LAST_STEP = 1.06, 1.09  # rather one longer step to a round edge than a last one that is hardly any


def _edges() -> Iterator[int]:
    edge = 0
    for round_edge in ROUND:
        while edge < round_edge:
            step = max(edge + 1, int(edge * _GROWTH))
            edge = round_edge if edge * _LAST_STEP >= round_edge else step
            yield edge


EDGES: tuple[int, ...] = tuple(_edges())
"""Whole seconds, ascending, up to a day: every one up to 28, then each at most 9% above the one before."""

BOUND: float = max(high / low - 1 for low, high in pairwise(EDGES) if low >= 10)
"""How far a quantile of ten seconds or more may lie from the exact one, as a share of it.

Shorter ones lie less than a second above the exact one, and are exact where durations are whole seconds.
"""


def bucket_of(seconds: float) -> int:
    """The bucket that a duration falls into, 0 to len(EDGES). Raises ValueError for a negative one."""
    if not seconds >= 0:
        raise ValueError(f"a duration is {seconds} seconds, not 0 or more")
    return bisect_left(EDGES, seconds)


def quantile(counts: Sequence[int], q: float) -> float | None:
    """The duration in seconds that a share `q` (above 0, at most 1) of those counted do not exceed; None of nothing.

    `counts` are of each bucket, len(EDGES) + 1 of them. Within a bucket wider than a second durations are taken to
    be spread evenly. What lies above a day is read as a day: at least that.
    """
    if len(counts) != len(EDGES) + 1:
        raise ValueError(f"{len(counts)} counts are not one of each of {len(EDGES) + 1} buckets")
    if not 0 < q <= 1:
        raise ValueError(f"q is {q}, not above 0 and at most 1")
    rank = q * float(sum(counts))
    if rank <= 0:
        return None
    for bucket, count in enumerate(counts):
        if count >= rank:
            return _within(bucket, rank / float(count))
        rank -= count
    return float(EDGES[-1])  # rounding left a trace of the last rank


def _within(bucket: int, share: float) -> float:
    low, high = (0, *EDGES)[bucket], (*EDGES, EDGES[-1])[bucket]
    return float(high) if high - low <= 1 else low + (high - low) * share
