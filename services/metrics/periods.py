"""Windows and what they are compared with: pure date arithmetic. Every window includes both of its days.

week      7 days up to `end`          against the 7 days 52 weeks before, so that weekdays match
month     1st of end's month - end    3m   rolling: 3 whole months up to `end`
quarter   1st of its quarter - end    12m  rolling: 12 whole months up to `end`
fytd      1 April - end               custom  `from` - `to`

12m to 2017-06-30:          2016-07-01 |------------| 2017-06-30
against year-before:  2015-07-01 |------------| 2016-06-30
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

WindowName = Literal["week", "month", "3m", "quarter", "12m", "fytd", "custom"]
Against = Literal["year-before", "period-before", "3y-average", "baseline"]
Yardstick = Literal["year-before", "period-before", "3y-average", "baseline", "target"]
Interval = Literal["day", "week", "month", "quarter", "year"]
WINDOWS, AGAINST, INTERVALS = get_args(WindowName), get_args(Against), get_args(Interval)
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2078, 12, 31)
"""The days that can be counted: a stored record's state has 15 bits for one."""
_DAY = timedelta(days=1)
_REMEMBERED = 1024  # windows: a query asks for the same few once a measure
_MONTHS = {"month": 1, "3m": 3, "quarter": 3, "12m": 12, "fytd": 12}


class Window(NamedTuple):
    """First and last day, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def is_month_end(day: date) -> bool:
    return (day + _DAY).day == 1


def shift_months(day: date, months: int) -> date:
    """The day that many months later. A month's end stays one: 28 February 2017 minus 12 is 29 February 2016."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, length if is_month_end(day) else min(day.day, length))


def quarter_start(day: date) -> date:
    """First day of the quarter; financial quarters begin where calendar quarters do."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def year_start(day: date) -> date:
    """1 April of the financial year."""
    return date(day.year if day.month >= 4 else day.year - 1, 4, 1)


def window_ending(name: WindowName, end: date) -> Window:
    """The window of that name that ends on `end`; not for `custom`, whose days are given."""
    first = {
        "week": lambda: end - timedelta(days=6),
        "month": lambda: end.replace(day=1),
        "3m": lambda: shift_months(end, -3) + _DAY,
        "quarter": lambda: quarter_start(end),
        "12m": lambda: shift_months(end, -12) + _DAY,
        "fytd": lambda: year_start(end),
    }[name]()
    return Window(first, end)


def year_before(name: WindowName, window: Window, years: int = 1) -> Window:
    """The same window that many years earlier."""
    if name == "week":
        return Window(*(day - timedelta(weeks=52 * years) for day in window))
    return _shifted(window, -12 * years)


def period_before(name: WindowName, window: Window) -> Window:
    """The window of the same length just before; for a month or quarter to date, the same part of the one before."""
    if months := _MONTHS.get(name):
        return _shifted(window, -months)
    return Window(window.first - timedelta(days=window.days), window.first - _DAY)


def baselines(name: WindowName, against: Against, window: Window, fixed: Window | None) -> list[Window]:
    """The windows to compare with; several are averaged. `fixed` is for `baseline` alone."""
    match against:
        case "year-before":
            return [year_before(name, window)]
        case "period-before":
            return [period_before(name, window)]
        case "3y-average":
            return [year_before(name, window, years) for years in (3, 2, 1)]
        case "baseline":
            assert fixed, "the caller asks for its days"
            return [fixed]


def intervals(first: date, last: date, interval: Interval) -> list[Window]:
    """The intervals that hold `first` to `last`, cut to those days. Weeks begin on Monday, years on 1 April."""
    found = []
    while first <= last:
        until = min(_interval_end(first, interval), last)
        found.append(Window(first, until))
        first = until + _DAY
    return found


def _interval_end(day: date, interval: Interval) -> date:
    match interval:
        case "day":
            return day
        case "week":
            return day + timedelta(days=6 - day.weekday())
        case "month":
            return shift_months(day.replace(day=1), 1) - _DAY
        case "quarter":
            return shift_months(quarter_start(day), 3) - _DAY
        case "year":
            return shift_months(year_start(day), 12) - _DAY


def _shifted(window: Window, months: int) -> Window:
    # A first day is shifted as such, or 1 March minus a month would depend on what ends in February.
    first = (
        shift_months(window.first, months)
        if window.first.day == 1
        else shift_months(window.first - _DAY, months) + _DAY
    )
    return Window(first, shift_months(window.last, months))


def months_of(window: Window) -> list[date]:
    """The first days of the months that the window touches."""
    return list(_months_of(window))


@lru_cache(_REMEMBERED)
def _months_of(window: Window) -> tuple[date, ...]:
    found, month = [], window.first.replace(day=1)
    while month <= window.last:
        found.append(month)
        month = shift_months(month, 1)
    return tuple(found)


class Cover(NamedTuple):
    """A window as whole months and the days left over at its edges."""

    months: list[date]
    days: list[date]


def cover(window: Window) -> Cover:
    """The months, by their first days, that lie wholly in the window, and the single days outside them."""
    months, days = _covered(window)
    return Cover(list(months), list(days))


@lru_cache(_REMEMBERED)
def _covered(window: Window) -> tuple[tuple[date, ...], tuple[date, ...]]:
    months, days, day = [], [], window.first
    while day <= window.last:
        end = _interval_end(day, "month")
        if day.day == 1 and end <= window.last:
            months.append(day)
            day = end + _DAY
        else:
            days.append(day)
            day += _DAY
    return tuple(months), tuple(days)
