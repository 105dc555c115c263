"""Events in the order in which they are posted. Pure: a seed and a start give the same events every time."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import NamedTuple

from local.simulate.records import Record, Records
from local.simulate.rhythm import RHYTHMS
from local.simulate.stories import story
from shared.clock import LONDON


class Event(NamedTuple):
    """A version of a record, of `kind` (crimes, calls, stops), posted at `at`."""

    at: datetime
    kind: str
    record: Record


def arrivals(random: Random, kind: str, start: datetime) -> Iterator[datetime]:
    """Endless times after `start`, in its time zone, at which a record of `kind` comes into being.

    A Poisson process whose rate follows London's hours, weekdays and months, made by thinning the busiest one.
    """
    rhythm, at = RHYTHMS[kind], start
    busiest = rhythm.most_per_second()
    while True:
        at += timedelta(seconds=random.expovariate(busiest))
        if random.random() * busiest < rhythm.per_second(at.astimezone(LONDON)):
            yield at


def timeline(seed: int, records: Records, start: datetime, speed: float) -> Iterator[Event]:
    """Endless events from `start` on, in the order of their times, at which they are to be posted.

    At `speed` 24 a day of London passes in an hour: its hours are those from `start` on, run faster. Records are
    dated when they are posted, so that nothing is dated in the future.
    """
    sources = [_marked(kind, arrivals(_random(f"{seed}-{kind}-times"), kind, start)) for kind in RHYTHMS]
    random, numbers, order = _random(str(seed)), {kind: count(1) for kind in RHYTHMS}, count()
    waiting: list[tuple[datetime, int, str, Record]] = []
    for simulated, kind in heapq.merge(*sources):
        at = start + (simulated - start) / speed
        while waiting and waiting[0][0] <= at:
            due, _, due_kind, record = heapq.heappop(waiting)
            yield Event(due, due_kind, record)
        first = records.make(kind, random, next(numbers[kind]), at)
        for delay, version in story(random, first):
            heapq.heappush(waiting, (at + delay / speed, next(order), kind, version))


def _marked(kind: str, times: Iterator[datetime]) -> Iterator[tuple[datetime, str]]:
    return ((time, kind) for time in times)


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - must be repeatable, guards nothing
