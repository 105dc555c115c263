"""The routes of the data packages, beside the tables and series that they describe. Parse, ask, answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.metrics.explaining import Explaining
from services.metrics.opendata.packages import of_series, of_table
from services.metrics.params import Dataset, Day, Params
from services.metrics.periods import Interval
from services.metrics.queries import Queries
from services.metrics.series import Whose, asked_series, series_address
from services.metrics.tables import Tables
from services.metrics.tables.api import named
from services.metrics.tables.asked import LONDON, Asking, TableQuery
from services.metrics.tables.links import DESCRIPTION, address
from shared.web import problems


def router(params: Params, queries: Queries, tables: Tables, explaining: Explaining, public_url: str) -> APIRouter:
    """/tables/{id}/datapackage.json and /series/datapackage.json; `public_url` is where the files are."""
    routes = APIRouter(tags=["open data"])
    asking = Asking(params, tables)

    @routes.get(
        f"/tables/{{table_id}}/{DESCRIPTION}", summary="A table's data package", responses=problems(404, 422, 503)
    )
    async def of_a_table(table_id: str, asked: Annotated[TableQuery, Query()]) -> JSONResponse:
        table = named(tables, table_id)
        answer = await tables.fill(table, *await asking.resolve(table, asked))
        measures = dict.fromkeys(measure for part in answer.parts for measure in part.measures)
        sources = await explaining.sources_of(map(params.measure, measures), answer.dataset)
        return JSONResponse(of_table(answer, public_url + address(answer), sources))

    @routes.get(f"/series/{DESCRIPTION}", summary="A series' data package", responses=problems(422, 503))
    async def of_a_series(
        measure: str,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
        area: str = LONDON,
        interval: Interval = "month",
        dataset: Dataset = None,
    ) -> JSONResponse:
        series = await asked_series(params, queries, Whose(measure, area, dataset), (first, last), interval)
        sources = await explaining.sources_of([series.measure], series.dataset)
        told = await queries.series(*series)
        return JSONResponse(of_series(series.measure, told, public_url + series_address(series), sources))

    return routes
