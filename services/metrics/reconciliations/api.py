"""The route of reconciliations: a printed table comes in, what differs goes out, nothing is kept."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.metrics.params import refused
from services.metrics.reconciliations.asked import Asked, in_json, uploaded
from services.metrics.reconciliations.reconciling import Sections, reconcile
from services.metrics.tables import Tables
from services.metrics.tables.answers import Answer
from services.metrics.tables.api import named
from services.metrics.tables.asked import Asking
from services.metrics.tables.declarations import Table
from shared.errors import NotFound
from shared.reference import Reference
from shared.web import problems

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": in_json()},
            "text/csv": {"schema": {"type": "string", "description": "a line of headings, then a line a row"}},
        },
    },
    "parameters": [
        {"in": "query", "name": name, "schema": {"type": "string"}, "description": f"of a body of CSV: {what}"}
        for name, what in {
            "table": "as /v1/tables lists it; required",
            "end": "YYYY-MM-DD",
            "quarter": "as in 2017-18-Q1, instead of 'end'",
            "area": "GSS code or name",
            "dataset": "where the table is computed from",
            "section": "of a table that has several",
            "column": "HEADING:COLUMN, where a heading's words do not say which column it is; repeat for more",
        }.items()
    ],
}


def router(tables: Tables, asking: Asking, known: Reference) -> APIRouter:
    """POST /v1/reconciliations. It needs no token: what it computes anybody may ask for, and it keeps nothing."""
    routes = APIRouter(prefix="/v1", tags=["publications"])

    @routes.post(
        "/reconciliations",
        summary="A printed table against the computed one, and its printed sums against their parts",
        responses=problems(400, 408, 413, 415, 422, 503),
        openapi_extra=_BODY,
    )
    async def reconciliation(request: Request) -> JSONResponse:
        asked, rows = await uploaded(request)
        table = _table(tables, asked.table)
        answer = await tables.fill(table, *await asking.resolve(table, asked.query))
        sections = _sections(answer, asked)
        found = await asyncio.to_thread(reconcile, rows, answer, sections, asked.columns, known)
        return JSONResponse({**_about(answer), **found})

    return routes


def _table(tables: Tables, table_id: str) -> Table:
    try:
        return named(tables, table_id)
    except NotFound as error:
        raise refused("table", error.detail) from error


def _sections(answer: Answer, asked: Asked) -> Sections:
    found = [each for each in answer.sections() if asked.section in (None, each[0].id)]
    if not found:
        known = ", ".join(section.id for section, _ in answer.sections())
        raise refused("section", f"{answer.table.id!r} has no section {asked.section!r}; it has {known or 'but one'}")
    return found


def _about(answer: Answer) -> dict[str, Any]:
    return {
        "table": answer.table.id,
        "title": answer.table.title,
        "area": answer.scope.area.id,
        "dataset": answer.dataset,
        "end": answer.end.isoformat(),
        "as_of": answer.as_of,
        **({"note": answer.note} if answer.note else {}),
    }
