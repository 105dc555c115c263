"""Metrics' routes: public and read only. Parse, ask, answer."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from services.metrics import csvs
from services.metrics.answers import measure_json
from services.metrics.params import Dataset, Day, Params, fixed_baseline, refuse_idle_days, refused, span_of
from services.metrics.periods import Interval, Window, WindowName, Yardstick, intervals
from services.metrics.queries import Queries
from services.metrics.tables import Tables
from services.metrics.tables import api as tables_api
from shared.errors import NotFound
from shared.reference import Reference, UnknownValue
from shared.reference.measures import MeasureKind
from shared.web import problems

Accept = Annotated[str, Header()]
MOST_POINTS = 6000
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/csv": {"schema": {"type": "string"}}}},
    **problems(422, 503),
}


def router(reference: Reference, queries: Queries, tables: Tables) -> APIRouter:
    """Everything under /v1."""
    routes = APIRouter(prefix="/v1", tags=["measures"])
    params = Params(reference, queries)
    _add_measures(routes, reference, params, queries)
    _add_compare(routes, params, queries)
    _add_verdicts(routes, params, queries)
    _add_series(routes, params, queries)
    routes.include_router(tables_api.router(params, tables))
    return routes


class MeasuresQuery(BaseModel):
    """The parameters of /v1/measures."""

    model_config = ConfigDict(extra="forbid")

    kind: MeasureKind | None = None
    plan_area: str | None = Field(default=None, description="of the Police and Crime Plan, as a measure names it")
    q: str | None = Field(default=None, max_length=200, description="words of a measure's id, title or definition")


def _add_measures(routes: APIRouter, reference: Reference, params: Params, queries: Queries) -> None:
    # Hundreds of them, which do not change while the service runs: each is written once.
    described = {
        measure.id: msgspec.Raw(msgspec.json.encode(measure_json(measure, queries.targets.get(measure.id))))
        for measure in reference.measures
    }

    @routes.get("/measures", summary="Every measure, as declared", responses=problems(422))
    async def measures(asked: Annotated[MeasuresQuery, Query()]) -> Response:
        found = params.measures(asked.kind, asked.plan_area, asked.q)
        return _json({"measures": [described[measure.id] for measure in found]})

    @routes.get("/measures/{measure_id}", summary="One measure", responses=problems(404, 422))
    async def measure(measure_id: str) -> Response:
        try:
            return _json(described[reference.measures.resolve(measure_id).id])
        except UnknownValue as unknown:
            raise NotFound(str(unknown)) from unknown


class CompareQuery(BaseModel):
    """The parameters of /v1/compare."""

    model_config = ConfigDict(extra="forbid")

    measure: str
    area: str = "E12000007"
    window: WindowName = "12m"
    end: Day | None = None
    against: Yardstick = "year-before"
    dataset: Dataset = None
    first: Day | None = Field(default=None, alias="from", description="of a custom window")
    last: Day | None = Field(default=None, alias="to", description="of a custom window")
    baseline_from: Day | None = None
    baseline_to: Day | None = None


def _add_compare(routes: APIRouter, params: Params, queries: Queries) -> None:
    @routes.get("/compare", summary="A measure in a window, against another", responses=problems(422, 503))
    async def compare(asked: Annotated[CompareQuery, Query()]) -> JSONResponse:
        measure, area = params.measure(asked.measure), params.area(asked.area)
        refuse_idle_days(asked.window, asked.end, asked.first or asked.last)
        target = params.target(measure, area, asked.window) if asked.against == "target" else None
        fixed = fixed_baseline(asked.against, asked.baseline_from, asked.baseline_to)
        span, reach = span_of(asked.first, asked.last), queries.reach_of(measure)
        dataset, days = await params.dataset_and_window(reach, asked.dataset, asked.window, asked.end, span)
        if asked.against == "target":
            assert target, "refused where there is none"
            return JSONResponse(await queries.compare_with_target(measure, target, area, dataset, days))
        return JSONResponse(await queries.compare(measure, area, dataset, asked.window, days, asked.against, fixed))


class VerdictsQuery(BaseModel):
    """The parameters of /v1/verdicts."""

    model_config = ConfigDict(extra="forbid")

    measure: str
    area: str = "E12000007"
    end: Day | None = Field(default=None, description="both windows end with the last whole quarter up to this day")
    dataset: Dataset = None


def _add_verdicts(routes: APIRouter, params: Params, queries: Queries) -> None:
    @routes.get(
        "/verdicts", summary="The last quarter and the long term, better or worse", responses=problems(422, 503)
    )
    async def verdicts(asked: Annotated[VerdictsQuery, Query()]) -> JSONResponse:
        measure, area = params.measure(asked.measure), params.area(asked.area)
        reach = queries.reach_of(measure)
        dataset, quarter = await params.dataset_and_quarter(reach, asked.dataset, asked.end)
        return JSONResponse(await queries.verdicts(measure, area, dataset, quarter))


def _add_series(routes: APIRouter, params: Params, queries: Queries) -> None:
    @routes.get("/series", summary="A measure by interval", responses=_CSV)
    async def series(
        measure: str,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
        area: str = "E12000007",
        interval: Interval = "month",
        dataset: Dataset = None,
        accept: Accept = "",
    ) -> Response:
        asked, place, span = params.measure(measure), params.area(area), span_of(first, last)
        assert span, "both days are required"
        _check_points(span, interval)
        chosen, span = await params.dataset_and_window(queries.reach_of(asked), dataset, "custom", None, span)
        answer = await queries.series(asked, place, chosen, span, interval)
        return _csv(csvs.series_csv(answer)) if _wants_csv(accept) else JSONResponse(answer)


def _check_points(span: Window, interval: Interval) -> None:
    if span.days > MOST_POINTS and len(intervals(span.first, span.last, interval)) > MOST_POINTS:
        raise refused("from", f"a series has at most {MOST_POINTS:,} points; ask for fewer days or a longer interval")


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _wants_csv(accept: str) -> bool:
    return "text/csv" in accept.lower()


def _csv(text: str) -> PlainTextResponse:
    return PlainTextResponse(text, media_type="text/csv; charset=utf-8")
