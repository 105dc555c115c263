"""Where what was counted came from: whose records, and up to which offsets."""

from datetime import date
from typing import NamedTuple


class Source(NamedTuple):
    """How a source's records of one kind have come in: how many, the last day, when, and by lateness in days."""

    source: str
    dataset: str
    records: int
    last_day: date | None
    applied_at: str | None
    late: list[int]


class Applied(NamedTuple):
    """Up to where a partition has been counted: every offset before `next` of that cluster's log."""

    topic: str
    partition: int
    cluster: str
    next: int
