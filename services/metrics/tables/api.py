"""The routes of the tables: a list of them, and each as JSON or CSV. Parse, ask, answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from services.metrics.csvs import table_csv
from services.metrics.params import Dataset, Day, Params
from services.metrics.tables.asked import AlsoFormat, Asking, TableQuery, parameters
from services.metrics.tables.declarations import Table
from services.metrics.tables.filling import Tables
from services.metrics.tables.links import address, described_by
from shared.errors import NotFound
from shared.reference import UnknownValue
from shared.web import problems

Accept = Annotated[str, Header()]
Quarter = Annotated[str | None, Query(description="financial quarter, as in 2017-18-Q1")]
# The contract's two routes list what they always took; what every table takes, they take too.
AlsoEnd = Annotated[Day | None, Query(include_in_schema=False)]
Also = Annotated[str | None, Query(include_in_schema=False)]
_IN_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/csv": {"schema": {"type": "string"}}}},
    **problems(422, 503),
}


def router(params: Params, tables: Tables) -> APIRouter:
    """Everything under /tables; `tables` fill them and `params` resolve what is asked."""
    routes = APIRouter(prefix="/tables")
    doors = _Doors(params, tables)

    @routes.get("", summary="Every table: what it shows, and what can be asked of it")
    async def listed() -> JSONResponse:
        return JSONResponse({"tables": [describe(table) for table in tables.declared]})

    _add_contract(routes, doors)

    @routes.get("/{table_id}", summary="A table", responses={**_IN_CSV, **problems(404)})
    async def table(table_id: str, asked: Annotated[TableQuery, Query()], accept: Accept = "") -> Response:
        return await doors.answer(table_id, asked, accept)

    return routes


def _add_contract(routes: APIRouter, doors: "_Doors") -> None:
    @routes.get("/police-and-crime-plan", summary="The 15 rows, 12 months to `end`", responses=_IN_CSV)
    async def police_and_crime_plan(
        end: Day | None = None,
        dataset: Dataset = None,
        accept: Accept = "",
        quarter: Also = None,
        area: Also = None,
        format: AlsoFormat = None,  # noqa: A002 - the parameter's name
    ) -> Response:
        asked = TableQuery(end=end, dataset=dataset, quarter=quarter, area=area, format=format)
        return await doors.answer("police-and-crime-plan", asked, accept)

    @routes.get("/local-priorities", summary="The boroughs' priorities in a quarter", responses=_IN_CSV)
    async def local_priorities(
        quarter: Quarter = None,
        dataset: Dataset = None,
        accept: Accept = "",
        end: AlsoEnd = None,
        area: Also = None,
        format: AlsoFormat = None,  # noqa: A002 - the parameter's name
    ) -> Response:
        asked = TableQuery(end=end, dataset=dataset, quarter=quarter, area=area, format=format)
        return await doors.answer("local-priorities", asked, accept)


class _Doors:
    """What the routes have in common."""

    def __init__(self, params: Params, tables: Tables) -> None:
        self._tables, self._asking = tables, Asking(params, tables)

    async def answer(self, table_id: str, query: TableQuery, accept: str) -> Response:
        table = named(self._tables, table_id)
        found = await self._tables.fill(table, *await self._asking.resolve(table, query))
        in_csv = query.format == "csv" or (query.format is None and "text/csv" in accept.lower())
        headers = described_by(address(found))
        if in_csv:
            return PlainTextResponse(table_csv(found.json()), media_type="text/csv; charset=utf-8", headers=headers)
        return JSONResponse(found.json(), headers=headers)


def named(tables: Tables, table_id: str) -> Table:
    """Raises NotFound, naming the nearest tables."""
    try:
        return tables.declared.resolve(table_id)
    except UnknownValue as unknown:
        raise NotFound(str(unknown)) from unknown


def describe(table: Table) -> dict[str, Any]:
    """The table as the list of them shows it."""
    return {
        "id": table.id,
        "title": table.title,
        "shows": table.shows,
        "areas": table.areas,
        "parameters": parameters(table),
        "caveats": list(table.caveats),
        "href": f"/v1/tables/{table.id}",
    }
