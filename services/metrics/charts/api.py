"""The routes of control charts and of what happened: parse, ask, answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.metrics.breaks import Bearing, annotations_json, breaks_json
from services.metrics.charting import chart
from services.metrics.charts.asking import Asking, SignalsQuery
from services.metrics.params import DatasetName, Day, Params, span_of
from services.metrics.periods import FIRST_DAY, LAST_DAY, Window
from services.metrics.queries import Queries
from shared.web import problems


class AnnotationsQuery(BaseModel):
    """The parameters of /v1/annotations."""

    model_config = ConfigDict(extra="forbid")

    measure: str
    area: str = "E12000007"
    first: Day = Field(default=FIRST_DAY, alias="from")
    last: Day = Field(default=LAST_DAY, alias="to")
    dataset: DatasetName = "live"


def router(params: Params, queries: Queries) -> APIRouter:
    """/signals and /annotations."""
    routes, asking = APIRouter(), Asking(params, queries)

    @routes.get("/signals", summary="What has really changed: a measure's control chart", responses=problems(422, 503))
    async def signals(asked: Annotated[SignalsQuery, Query()]) -> JSONResponse:
        charted = await chart(queries, await asking.resolve(asked.measure, asked))
        return JSONResponse(charted.json())

    @routes.get("/annotations", summary="What happened, and where series break", responses=problems(422))
    async def annotations(asked: Annotated[AnnotationsQuery, Query()]) -> JSONResponse:
        on = Bearing(params.measure(asked.measure), params.area(asked.area), asked.dataset)
        span = span_of(asked.first, asked.last) or Window(asked.first, asked.last)
        breaks = [each for each in queries.breaks.of(on) if span.first <= each.on <= span.last]
        happened = annotations_json(queries.breaks.annotations(on, span))
        return JSONResponse({"annotations": happened, "breaks": breaks_json(breaks)})

    return routes
