"""Which days of a window counted records do not answer for, and why. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from services.metrics.extents import Extent, Status
from services.metrics.figures import Gap
from services.metrics.periods import Window, cover

_DAY = timedelta(days=1)
NO_DATA, NOT_OVER, LOST = "no data", "not over", "records lost before they were counted"
TOTAL_ONLY = "only the month's total is known"


def gaps_of(extent: Extent | None, measure: str, window: Window, status: Status, today: date) -> tuple[Gap, ...]:
    """What keeps a count of `measure` from being complete; empty for a complete one."""
    if status == "complete":
        return ()
    if extent is None or status == "no-data":
        return (Gap(*window, NOT_OVER if window.first >= today else NO_DATA, measure),)
    lost = (Gap(*window, LOST, measure),) if extent.lost else ()
    return lost + tuple(_runs(extent, measure, window, today))


def _runs(extent: Extent, measure: str, window: Window, today: date) -> Iterator[Gap]:
    known_by_total = {day for day in cover(window).days if day.replace(day=1) in extent.coarse}
    lacking = [(day, _lack(extent, day, today, known_by_total)) for day in _days(window)]
    for reason, run in groupby(lacking, key=lambda each: each[1]):
        days = [day for day, _ in run]
        if reason:
            yield Gap(days[0], days[-1], reason, measure)


def _lack(extent: Extent, day: date, today: date, known_by_total: set[date]) -> str | None:
    if day >= today:
        return NOT_OVER
    month = day.replace(day=1)
    held = month in extent.months if extent.months is not None else month >= extent.first.replace(day=1)
    if day > extent.last or not held:
        return NO_DATA
    return TOTAL_ONLY if day in known_by_total else None


def _days(window: Window) -> Iterator[date]:
    return (window.first + n * _DAY for n in range(window.days))
