"""Quotas: how much a source may send in a time, and what it is told of it. Pure: the time is the caller's.

A quota of q units in w seconds is a bucket of q units that fills again at q/w a second: a source that has been quiet
may send q at once, and over any longer time sends at that rate.
"""

import re
from collections.abc import Mapping
from math import ceil
from typing import NamedTuple

_WRITTEN = re.compile(r"(\d{1,15}) (requests|content-bytes)/(\d{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}


class Quota(NamedTuple):
    """So many `units` in so many `seconds`; `unit` is `requests`, or `content-bytes` of their bodies."""

    name: str
    unit: str
    units: int
    seconds: int

    def policy(self) -> str:
        """An item of the header RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11, section 3.1)."""
        return f'"{self.name}";q={self.units};qu="{self.unit}";w={self.seconds}'


def quota_of(name: str, written: str) -> Quota:
    """`600 requests/1m` or `2000000000 content-bytes/1d` as a quota; raises ValueError with what would be right."""
    found = _WRITTEN.fullmatch(written)
    if not found or not int(found[1]) or not int(found[3]):
        raise ValueError(
            f"{name}: {written!r} is no quota; write a number, requests or content-bytes, and a span in s, m, h or d: "
            "'600 requests/1m', '2000000000 content-bytes/1d'"
        )
    return Quota(name, found[2], int(found[1]), int(found[3]) * _SECONDS[found[4]])


def quotas_of(written: Mapping[str, Mapping[str, str]]) -> dict[str, list[Quota]]:
    """The quotas of each source, from their names and texts; raises ValueError as `quota_of`."""
    return {source: [quota_of(name, text) for name, text in of_source.items()] for source, of_source in written.items()}


class Level(NamedTuple):
    """What was left in a bucket, in units, at a time, in seconds; below 0 after a body larger than what there was."""

    left: float
    at: float


def level(quota: Quota, before: Level | None, now: float) -> Level:
    """What is left now; `before` is None for a source that has sent nothing yet."""
    if before is None:
        return Level(quota.units, now)
    return Level(min(quota.units, before.left + (now - before.at) * quota.units / quota.seconds), now)


def wait_seconds(quota: Quota, at: Level) -> int:
    """Whole seconds until a unit is left again; 0 while one is."""
    return 0 if at.left >= 1 else ceil((1 - at.left) * quota.seconds / quota.units)


def limit(quota: Quota, at: Level) -> str:
    """An item of the header RateLimit (section 4.1): what is left, and in how many seconds the bucket is full again."""
    full_in = ceil((quota.units - at.left) * quota.seconds / quota.units)
    return f'"{quota.name}";r={max(0, int(at.left))};t={full_in}'
