"""The route /v1/explain. Parse, ask, answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.metrics.explaining.asked import ExplainQuery, refuse_idle
from services.metrics.explaining.explaining import Explaining
from services.metrics.explaining.of_cells import TableCells
from services.metrics.explaining.of_figures import Figures
from services.metrics.params import Params
from services.metrics.queries import Queries
from services.metrics.tables import Tables
from shared.web import problems

__all__ = ["Door", "ExplainQuery", "router"]


def router(door: "Door") -> APIRouter:
    """/explain."""
    routes = APIRouter()

    @routes.get("/explain", summary="What a figure is made of, and rests on", responses=problems(404, 422, 503))
    async def explain(asked: Annotated[ExplainQuery, Query()]) -> JSONResponse:
        return JSONResponse(await door.answer(asked))

    return routes


class Door:
    """What the route and the page have in common. Raises Invalid and NotFound, naming the parameter."""

    def __init__(self, params: Params, queries: Queries, tables: Tables, explaining: Explaining) -> None:
        self._figures = Figures(params, queries, explaining)
        self._cells = TableCells(params, tables, explaining)

    async def answer(self, asked: ExplainQuery) -> dict[str, Any]:
        refuse_idle(asked)
        return await (self._figures if asked.table is None else self._cells).answer(asked)
