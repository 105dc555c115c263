"""The parameters of a control chart, resolved."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.metrics.breaks import Bearing
from services.metrics.charting import Asked
from services.metrics.params import AcrossBreaks, Dataset, Day, Params, refused, span_of
from services.metrics.periods import Window
from services.metrics.queries import Queries
from services.metrics.signals import RUN, Start
from services.metrics.signals.spans import ChartInterval, span_ending, whole
from shared.reference.measures import Measure

MOST_POINTS = 600


class ChartQuery(BaseModel):
    """The parameters of a chart of any measure."""

    model_config = ConfigDict(extra="forbid")

    area: str = "E12000007"
    first: Day | None = Field(default=None, alias="from", description="36 whole periods up to `to` unless given")
    last: Day | None = Field(default=None, alias="to", description="the last day with data unless given")
    interval: ChartInterval = "month"
    dataset: Dataset = None
    rebase: Day | None = Field(default=None, description="the limits begin anew there; in place of the register's")
    until: Day | None = Field(default=None, description="the last day of the points that the rebased limits rest on")
    reason: Annotated[str, Field(max_length=500)] | None = Field(default=None, description="why it is rebased")
    run: Annotated[int, Field(ge=6, le=7, description="how many points make a shift or a trend")] = RUN
    across_breaks: AcrossBreaks = False

    def chosen(self) -> dict[str, str]:
        """How it was asked to be read, as parameters: what is chosen by hand beside whose chart of which days it is."""
        whose = {"area", "first", "last", "interval", "dataset", "measure"}
        found = self.model_dump(mode="json", by_alias=True, exclude=whose, exclude_defaults=True)
        return {name: str(value).lower() if value is True else str(value) for name, value in found.items()}


class SignalsQuery(ChartQuery):
    """The parameters of /v1/signals."""

    measure: str


class Asking:
    """Resolves a query; raises Invalid naming the parameter and what would be right."""

    def __init__(self, params: Params, queries: Queries) -> None:
        self._params, self._queries = params, queries

    async def resolve(self, name: str, asked: ChartQuery) -> Asked:
        measure, area = self._params.measure(name), self._params.area(asked.area)
        dataset, span = await self._dataset_and_span(measure, asked)
        number = len(whole(span, asked.interval))
        if number > MOST_POINTS:
            raise refused("from", f"a chart has at most {MOST_POINTS} points, not {number:,}; ask for fewer days")
        if not number:
            raise refused("from", f"no whole {asked.interval} lies between these days")
        on = Bearing(measure, area, dataset)
        return Asked(on, span, asked.interval, _by_hand(asked, span), asked.run, asked.across_breaks)

    async def _dataset_and_span(self, measure: Measure, asked: ChartQuery) -> tuple[str, Window]:
        reach = self._queries.reach_of(measure)
        if asked.last:
            await self._params.refuse_days_before_data(reach, asked.dataset, "to", asked.last)
        if asked.first and asked.last:
            span = span_of(asked.first, asked.last)
            return await self._params.dataset_and_window(reach, asked.dataset, "custom", None, span)
        dataset = asked.dataset or await self._queries.dataset_for(reach, None)
        last = asked.last or await self._queries.last_day(reach, dataset)
        span = span_ending(last, asked.interval)
        begins = await self._queries.begins(reach, dataset)
        if begins and span.first < begins <= span.last:
            span = Window(begins, span.last)
        return dataset, span_of(asked.first, span.last) or span if asked.first else span


def _by_hand(asked: ChartQuery, span: Window) -> tuple[Start, ...]:
    if asked.rebase is None:
        if asked.until or asked.reason:
            raise refused("rebase", "'until' and 'reason' are of a 'rebase', whose first day is missing")
        return ()
    if not (asked.reason or "").strip():
        raise refused("reason", "a chart is rebased by hand, with a reason: say why")
    if asked.rebase > span.last:
        raise refused("rebase", f"{asked.rebase} is after the chart's last day, {span.last}")
    if asked.until and asked.until <= asked.rebase:
        raise refused("until", f"{asked.until} is not after 'rebase', {asked.rebase}")
    return (Start(asked.rebase, asked.reason or "", asked.until),)
