"""The routes of control charts and of what happened: parse, ask, answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.metrics.breaks import Bearing, annotations_json, breaks_json
from services.metrics.charting import chart
from services.metrics.charts.asking import Asking, SignalsQuery
from services.metrics.params import Dataset, Day, Params, span_of
from services.metrics.periods import FIRST_DAY, LAST_DAY, Window
from services.metrics.queries import Queries
from shared.web import problems


def router(params: Params, queries: Queries) -> APIRouter:
    """/signals and /annotations."""
    routes, asking = APIRouter(), Asking(params, queries)

    @routes.get("/signals", summary="What has really changed: a measure's control chart", responses=problems(422, 503))
    async def signals(asked: Annotated[SignalsQuery, Query()]) -> JSONResponse:
        charted = await chart(queries, await asking.resolve(asked.measure, asked))
        return JSONResponse(charted.json())

    @routes.get("/annotations", summary="What happened, and where series break", responses=problems(422))
    async def annotations(
        measure: str,
        area: str = "E12000007",
        first: Annotated[Day, Query(alias="from")] = FIRST_DAY,
        last: Annotated[Day, Query(alias="to")] = LAST_DAY,
        dataset: Dataset = "live",
    ) -> JSONResponse:
        on = Bearing(params.measure(measure), params.area(area), dataset or "live")
        span = span_of(first, last) or Window(first, last)
        breaks = [each for each in queries.breaks.of(on) if span.first <= each.on <= span.last]
        happened = annotations_json(queries.breaks.annotations(on, span))
        return JSONResponse({"annotations": happened, "breaks": breaks_json(breaks)})

    return routes
