"""What a request asks of a series, resolved: whose it is, of which dataset, and its days."""

from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from services.metrics.params import Params, refused, span_of
from services.metrics.periods import Interval, Window, intervals
from services.metrics.queries import Queries
from shared.reference.measures import Measure
from shared.reference.terms import Area

MOST_POINTS = 6000


class AskedSeries(NamedTuple):
    """As `Queries.series` takes it."""

    measure: Measure
    area: Area
    dataset: str
    span: Window
    interval: Interval


class Whose(NamedTuple):
    """A measure and an area as they were named, and a dataset where one was."""

    measure: str
    area: str
    dataset: str | None


async def asked_series(
    params: Params, queries: Queries, whose: Whose, days: tuple[date, date], interval: Interval
) -> AskedSeries:
    """Raises Invalid, naming the parameter: for what is not known, for too many points, for days before the data."""
    measure, area, span = params.measure(whose.measure), params.area(whose.area), span_of(*days)
    assert span, "both days are required"
    if span.days > MOST_POINTS and len(intervals(*span, interval)) > MOST_POINTS:
        raise refused("from", f"a series has at most {MOST_POINTS:,} points; ask for fewer days or a longer interval")
    reach = queries.reach_of(measure)
    dataset, span = await params.dataset_and_window(reach, whose.dataset, "custom", None, span)
    await params.refuse_days_before_data(reach, whose.dataset, "to", span.last)
    return AskedSeries(measure, area, dataset, span, interval)


def series_address(asked: AskedSeries) -> str:
    """Where it is answered."""
    named = {"measure": asked.measure.id, "area": asked.area.id, "from": asked.span.first, "to": asked.span.last}
    return f"/v1/series?{urlencode(named | {'interval': asked.interval, 'dataset': asked.dataset})}"
