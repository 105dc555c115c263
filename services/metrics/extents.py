"""How far a dataset reaches, and so what a figure in a window rests on. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from services.metrics.periods import Window, cover, is_month_end, months_of

_DAY = timedelta(days=1)
Status = Literal["complete", "partial", "incomplete", "no-data", "suppressed"]


@dataclass(frozen=True)
class Extent:
    """How far a dataset reaches, for one kind of record.

    `measured_from` holds the first day each measure was ever counted on; `months` those with data (their first days;
    None: not known); `coarse` those of which some records know no more than the month; `lost` how many records the
    log lost before they were counted; `as_of` when a record was last applied.
    """

    first: date
    last: date
    measured_from: Mapping[str, date] = field(default_factory=dict)
    months: frozenset[date] | None = None
    coarse: frozenset[date] = frozenset()
    lost: int = 0
    as_of: str | None = None


def status_of(
    extent: Extent | None, measure: str, window: Window, today: date, presupposed: Collection[str] = ()
) -> Status:
    """What a count of `measure` in `window` rests on.

    `no-data`: the dataset never counted the measure, or one that it presupposes, or holds nothing of the window's
    months. `incomplete`: the log lost records before they were counted. `partial`: the window reaches beyond the data
    or over a month without any, or begins or ends within a month of which only the total is known.
    """
    begins = _begins(extent, (measure, *presupposed)) if extent else None
    if extent is None or begins is None or window.last < begins or window.first > extent.last:
        return "no-data"
    held = months_with_data(extent, window)
    if not held:
        return "no-data"
    if extent.lost:
        return "incomplete"
    reaches_beyond = window.last > extent.last or window.last >= today or window.first < extent.first.replace(day=1)
    within_months = extent.coarse and any(day.replace(day=1) in extent.coarse for day in cover(window).days)
    return "partial" if held < len(months_of(window)) or reaches_beyond or within_months else "complete"


def reached_by(extent: Extent | None, today: date) -> date | None:
    """The last day that was known on `today`, which is not over; None where nothing was yet.

    Of a month whose total alone is known, nothing is known before it is over; a month without any data is passed over.
    """
    if extent is None or extent.first >= today:
        return None
    last = min(extent.last, today - _DAY)
    while not _is_known(extent, last):
        last = last.replace(day=1) - _DAY
        if last < extent.first:
            return None
    return last


def _is_known(extent: Extent, day: date) -> bool:
    month = day.replace(day=1)
    is_held = extent.months is None or month in extent.months
    return is_held and (month not in extent.coarse or is_month_end(day) or day == extent.last)


def months_with_data(extent: Extent, window: Window) -> int:
    """How many of the window's months hold anything."""
    if extent.months is None:
        return len(months_of(window)) if extent.first <= window.last and window.first <= extent.last else 0
    return sum(month in extent.months for month in months_of(window))


def is_unknowable(extent: Extent | None, window: Window) -> bool:
    """Whether the window lies within months of which only totals are known: a count of 0 there says nothing."""
    months, days = cover(window)
    return extent is not None and not months and all(day.replace(day=1) in extent.coarse for day in days)


def _begins(extent: Extent, measures: Collection[str]) -> date | None:
    days = [extent.measured_from.get(measure) for measure in measures]
    known = [day for day in days if day]
    return max(known) if len(known) == len(days) else None
