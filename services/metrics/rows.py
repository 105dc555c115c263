"""The arrays that facts are kept in: a record's state, and the rows of a month's log. Pure numpy.

State, one a record: its highest revision and what that contributes. A `day` of 0 contributes nothing.
Row, one a change: `records` more (or, negative, fewer) with that profile on that day of the month (0: only the month
is known) in that area, and `weight` more of what they count.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.metrics.periods import FIRST_DAY, LAST_DAY
from services.metrics.profiles import CALL, CANCELLED, DATED_OUTCOME, TIMED, TIMES
from shared.events.periods import parse_day_or_month

Array = NDArray[Any]
MONTHLY = 0x8000
"""Set in a day number: only the month is known. The number is then that of the month's first day."""
_EPOCH = FIRST_DAY.toordinal() - 1

_COMMON = [("revision", "<u8"), ("profile", "<u8"), ("day", "<u2"), ("area", "u1")]
CRIME_STATE = np.dtype([*_COMMON, ("outcome_day", "<u2")])
COUNT_STATE = np.dtype([*_COMMON, ("weight", "<u4")])
CALL_STATE = np.dtype([*_COMMON, ("answer", "u1"), ("response", "u1")])
"""`answer` and `response` are the bucket of the seconds plus one, 0 where they are not given."""
PLAIN_STATE = np.dtype(_COMMON)
BARE_STATE = np.dtype([("revision", "<u8")])
"""Of a record that is kept, not counted."""
ROW = np.dtype([("day", "u1"), ("area", "u1"), ("records", "i1"), ("_", "u1"), ("weight", "<i4"), ("profile", "<u8")])


class Months(NamedTuple):
    """By day number: which month (12 a year, from year 0) and which day of it."""

    month: Array
    day: Array


def _calendar() -> Months:
    days = np.datetime64(FIRST_DAY, "D") - 1 + np.arange((LAST_DAY - FIRST_DAY).days + 2)
    months = days.astype("datetime64[M]")
    return Months(months.astype(np.int64) + 1970 * 12, ((days - months.astype("datetime64[D]")).astype(np.int64) + 1))


CALENDAR = _calendar()


@lru_cache(maxsize=65536)
def day_number(text: str) -> int:
    """Days since 1989 of YYYY-MM-DD, from 1 on; for YYYY-MM those of its first day, with MONTHLY set."""
    first, last = parse_day_or_month(text)
    return number_of(first) | (0 if first == last else MONTHLY)


def number_of(day: date) -> int:
    """Days since 1989; raises ValueError for a day that cannot be counted."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day} is not among the days that are counted, {FIRST_DAY} to {LAST_DAY}")
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The day of a day number; the month's first where only the month is known."""
    return date.fromordinal((number & ~MONTHLY) + _EPOCH)


def last_days(numbers: Array) -> Array:
    """The last day that each day number may stand for: where only the month is known, the month's last."""
    plain = numbers & ~MONTHLY
    month_ends = np.searchsorted(CALENDAR.month, CALENDAR.month[plain], side="right") - 1
    return np.where(numbers & MONTHLY, month_ends, plain)


def month_of(number: int) -> date:
    """The first day of a month number (12 a year)."""
    return date(number // 12, number % 12 + 1, 1)


class Facts(NamedTuple):
    """Rows, and for each the number of its stream and its month."""

    rows: Array
    streams: Array
    months: Array


def facts_of(states: Array, streams: Array, sign: int) -> Facts:
    """What the states contribute, added (`sign` 1) or taken back (-1)."""
    parts = [_dated(states, days, profiles, streams, sign) for days, profiles in _aspects(states)]
    return Facts(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _aspects(states: Array) -> Iterator[tuple[Array, Array]]:
    """The days and profiles of each kind of fact that the states make; a day of 0: no such fact."""
    days, profiles, names = states["day"], states["profile"], states.dtype.names or ()
    yield days, profiles
    if "outcome_day" in names:
        yield states["outcome_day"], profiles | DATED_OUTCOME
    for name in TIMES.keys() & set(names):
        buckets = np.maximum(states[name], 1).astype(np.uint64) - 1
        yield np.where(states[name], days, 0), profiles & TIMED | TIMES[name] | buckets << CALL["bucket"].shift


def _dated(states: Array, days: Array, profiles: Array, streams: Array, sign: int) -> Facts:
    counted = np.flatnonzero(days)
    numbers = days[counted].astype(np.int64)
    rows = np.zeros(len(counted), ROW)
    rows["day"] = np.where(numbers & MONTHLY, 0, CALENDAR.day[numbers & ~MONTHLY])
    rows["area"], rows["profile"], rows["records"] = states["area"][counted], profiles[counted], sign
    rows["weight"] = sign * _weights(states[counted])
    return Facts(rows, streams[counted], CALENDAR.month[numbers & ~MONTHLY])


def _weights(states: Array) -> Array:
    names = states.dtype.names or ()
    if "weight" in names:
        return states["weight"].astype(np.int64)
    if "outcome_day" in names:
        return np.where(states["profile"] & CANCELLED, 0, 1)
    return np.ones(len(states), np.int64)
