"""A given number of records over past days, with their true counts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

import msgspec

from local.simulate.mixes import Mix
from local.simulate.records import Records
from local.simulate.rhythm import RHYTHMS, Rhythm
from local.simulate.stories import story
from local.simulate.truth import Truth
from shared.clock import LONDON


@dataclass(frozen=True, slots=True)
class History:
    """(kind, JSON) of every version of every record, in the order of posting, and what they come to."""

    items: list[tuple[str, bytes]]
    truth: Truth


def make_history(seed: int | str, records: Records, number: int, days: Sequence[date]) -> History:
    """`number` records on `days`, in London's mix; versions are posted in the order of their times, stale ones too.

    Everything is made before it is posted, so that a benchmark measures posting alone: about 400 bytes an event.
    """
    random, truth = Random(seed), Truth()  # noqa: S311 - must be repeatable, guards nothing
    kinds, numbers = Mix({kind: rhythm.per_day for kind, rhythm in RHYTHMS.items()}), count(1)
    moments = {kind: _Moments(rhythm, days) for kind, rhythm in RHYTHMS.items()}
    timed: list[tuple[datetime, int, str, bytes]] = []
    encode, order = msgspec.json.Encoder().encode, count()
    for _ in range(number):
        kind = kinds.draw(random)
        at = moments[kind].draw(random)
        told = story(random, records.make(kind, random, next(numbers), at))
        truth.add([version for _, version in told])
        timed += [(at + delay, next(order), kind, encode(version)) for delay, version in told]
    timed.sort()
    return History([(kind, line) for _, _, kind, line in timed], truth)


class _Moments:
    """Draws times on some days, as busy as the rhythm has their months, weekdays and hours."""

    def __init__(self, rhythm: Rhythm, days: Sequence[date]) -> None:
        midnights = [datetime(day.year, day.month, day.day, tzinfo=LONDON) for day in days]
        self._days = Mix({midnight: rhythm.day_weight(midnight) for midnight in midnights})
        self._hours = Mix(dict(enumerate(rhythm.hours)))

    def draw(self, random: Random) -> datetime:
        midnight = self._days.draw(random)
        seconds = random.randrange(3600)
        # The hour of the clock, so that the day stays London's whatever its offset from UTC.
        local = midnight.replace(hour=self._hours.draw(random)) + timedelta(seconds=seconds)
        return local.astimezone(UTC)
