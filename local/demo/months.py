"""The demonstration's 24 months, July 2015 to June 2017, by position (0 to 23), and parts of them."""

import calendar
from datetime import date

from shared.events.periods import parse_period

MONTHS = tuple(f"{2015 + (6 + n) // 12}-{(6 + n) % 12 + 1:02d}" for n in range(24))
PREVIOUS_YEAR = range(12)
CURRENT_YEAR = range(12, 24)
QUARTER_BEFORE = range(9, 12)
QUARTER = range(21, 24)
# Each year as the nine months before the quarter of the local priorities, and that quarter.
PARTS = (range(9), QUARTER_BEFORE, range(12, 21), QUARTER)


def positions(period: str) -> range:
    """The positions of a period's months, `2016-07` or `2016-17-Q1`; ValueError if it is not among the 24."""
    first, last = parse_period(period)
    inside = [n for n, month in enumerate(MONTHS) if first <= _first_day(month) <= last]
    if not inside or MONTHS[inside[0]] != f"{first:%Y-%m}" or MONTHS[inside[-1]] != f"{last:%Y-%m}":
        raise ValueError(f"{period} is not within {MONTHS[0]} to {MONTHS[-1]}")
    return range(inside[0], inside[-1] + 1)


def days(position: int) -> int:
    """How many days the month at a position has."""
    first = _first_day(MONTHS[position])
    return calendar.monthrange(first.year, first.month)[1]


def month_number(position: int) -> int:
    """1 for January to 12 for December."""
    return _first_day(MONTHS[position]).month


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
