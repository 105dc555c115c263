"""The periods of a chart: whole weeks, months or quarters. Pure."""

from datetime import date, timedelta
from typing import Literal

from services.metrics.periods import Window, intervals, quarter_start, shift_months

ChartInterval = Literal["week", "month", "quarter"]
POINTS = 36
"""How many points a chart has where no first day is asked for."""
_MONTHS = {"month": 1, "quarter": 3}
_DAY = timedelta(days=1)


def whole(span: Window, interval: ChartInterval) -> list[Window]:
    """The periods that lie wholly within the span; one that is cut is not like the others."""
    found = intervals(span.first, span.last, interval)
    return [each for each in found if each == Window(_begin(each.first, interval), _end(each.first, interval))]


def span_ending(end: date, interval: ChartInterval, points: int = POINTS) -> Window:
    """That many whole periods, the last of which ends on `end` or before."""
    last = _end(end, interval)
    if last > end:
        last = _begin(end, interval) - _DAY
    if interval == "week":
        return Window(last - timedelta(days=7 * points - 1), last)
    return Window(shift_months(_begin(last, interval), -_MONTHS[interval] * (points - 1)), last)


def _begin(day: date, interval: ChartInterval) -> date:
    match interval:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return quarter_start(day)


def _end(day: date, interval: ChartInterval) -> date:
    begin = _begin(day, interval)
    return begin + timedelta(days=6) if interval == "week" else shift_months(begin, _MONTHS[interval]) - _DAY
