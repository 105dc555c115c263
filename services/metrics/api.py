"""Metrics' routes: public and read only. Parse, ask, answer."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from services.metrics import charts, csvs, opendata
from services.metrics.answers import measure_json
from services.metrics.breaks import Bearing, breaks_json
from services.metrics.explaining import Explaining
from services.metrics.explaining import api as explaining_api
from services.metrics.params import (
    AcrossBreaks,
    Dataset,
    Day,
    Params,
    breaks_between,
    fixed_baseline,
    refuse_idle_days,
    span_of,
)
from services.metrics.periods import Interval, WindowName, Yardstick, baselines
from services.metrics.queries import Queries
from services.metrics.series import Whose, asked_series, series_address
from services.metrics.tables import Tables
from services.metrics.tables import api as tables_api
from services.metrics.tables.asked import AlsoFormat
from services.metrics.tables.links import described_by
from services.metrics.targets import target_windows
from services.metrics.verdicts import verdict_windows
from shared.errors import NotFound
from shared.reference import Reference, UnknownValue
from shared.reference.measures import MeasureKind
from shared.web import problems

Accept = Annotated[str, Header()]
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/csv": {"schema": {"type": "string"}}}},
    **problems(422, 503),
}


def router(
    reference: Reference, queries: Queries, tables: Tables, public_url: str = "http://127.0.0.1:8002"
) -> APIRouter:
    """Everything under /v1; `public_url` is where whoever reads a data package finds its files."""
    routes = APIRouter(prefix="/v1", tags=["measures"])
    params = Params(reference, queries)
    _add_measures(routes, reference, params, queries)
    _add_compare(routes, params, queries)
    _add_verdicts(routes, params, queries)
    _add_series(routes, params, queries)
    routes.include_router(charts.router(params, queries))
    explaining = Explaining(queries, reference)
    routes.include_router(opendata.router(params, queries, tables, explaining, public_url))
    routes.include_router(tables_api.router(params, tables))
    routes.include_router(explaining_api.router(explaining_api.Door(params, queries, tables, explaining)))
    return routes


class MeasuresQuery(BaseModel):
    """The parameters of /v1/measures."""

    model_config = ConfigDict(extra="forbid")

    kind: MeasureKind | None = None
    plan_area: str | None = Field(default=None, description="of the Police and Crime Plan, as a measure names it")
    q: str | None = Field(default=None, max_length=200, description="words of a measure's id, title or definition")


def _add_measures(routes: APIRouter, reference: Reference, params: Params, queries: Queries) -> None:
    # Hundreds of them, which do not change while the service runs: each is written once.
    targets, sensitive = queries.targets, queries.suppression.sensitive
    described = {
        each.id: msgspec.Raw(msgspec.json.encode(measure_json(each, targets.get(each.id), each.id in sensitive)))
        for each in reference.measures
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
    across_breaks: AcrossBreaks = False


def _add_compare(routes: APIRouter, params: Params, queries: Queries) -> None:
    @routes.get("/compare", summary="A measure in a window, against another", responses=problems(422, 503))
    async def compare(asked: Annotated[CompareQuery, Query()]) -> JSONResponse:
        measure, area = params.measure(asked.measure), params.area(asked.area)
        refuse_idle_days(asked.window, asked.end, asked.first or asked.last)
        target = params.target(measure, area, asked.window) if asked.against == "target" else None
        fixed = fixed_baseline(asked.against, asked.baseline_from, asked.baseline_to)
        span, reach = span_of(asked.first, asked.last), queries.reach_of(measure)
        dataset, days = await params.dataset_and_window(reach, asked.dataset, asked.window, asked.end, span)
        on = Bearing(measure, area, dataset)
        if asked.against == "target":
            assert target, "refused where there is none"
            crossed = breaks_between(queries, on, target_windows(target, days), asked.across_breaks)
            answer = await queries.compare_with_target(measure, target, area, dataset, days)
        else:
            compared = [days, *baselines(asked.window, asked.against, days, fixed)]
            crossed = breaks_between(queries, on, compared, asked.across_breaks)
            answer = await queries.compare(measure, area, dataset, asked.window, days, asked.against, fixed)
        return JSONResponse(answer | {"breaks": breaks_json(crossed)})


class VerdictsQuery(BaseModel):
    """The parameters of /v1/verdicts."""

    model_config = ConfigDict(extra="forbid")

    measure: str
    area: str = "E12000007"
    end: Day | None = Field(default=None, description="both windows end with the last whole quarter up to this day")
    dataset: Dataset = None
    across_breaks: AcrossBreaks = False


def _add_verdicts(routes: APIRouter, params: Params, queries: Queries) -> None:
    @routes.get(
        "/verdicts", summary="The last quarter and the long term, better or worse", responses=problems(422, 503)
    )
    async def verdicts(asked: Annotated[VerdictsQuery, Query()]) -> JSONResponse:
        measure, area = params.measure(asked.measure), params.area(asked.area)
        reach = queries.reach_of(measure)
        dataset, quarter = await params.dataset_and_quarter(reach, asked.dataset, asked.end)
        on = Bearing(measure, area, dataset)
        crossed = breaks_between(queries, on, verdict_windows(quarter), asked.across_breaks)
        answer = await queries.verdicts(measure, area, dataset, quarter)
        return JSONResponse(answer | {"breaks": breaks_json(crossed)})


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
        format: AlsoFormat = None,  # noqa: A002 - the parameter's name
    ) -> Response:
        series = await asked_series(params, queries, Whose(measure, area, dataset), (first, last), interval)
        answer = await queries.series(*series)
        headers = described_by(series_address(series))
        if format == "csv" or (format is None and _wants_csv(accept)):
            return _csv(csvs.series_csv(answer), headers)
        return JSONResponse(answer, headers=headers)


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _wants_csv(accept: str) -> bool:
    return "text/csv" in accept.lower()


def _csv(text: str, headers: Mapping[str, str]) -> PlainTextResponse:
    return PlainTextResponse(text, media_type="text/csv; charset=utf-8", headers=headers)
