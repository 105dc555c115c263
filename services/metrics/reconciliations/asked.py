"""What is uploaded: a printed table as JSON, or as CSV with its parameters in the query."""

import asyncio
from typing import Any, NamedTuple

import msgspec
from fastapi import Request
from pydantic import Field, ValidationError

from services.metrics.params import refused
from services.metrics.reconciliations.columns import Printout
from services.metrics.reconciliations.printouts import MOST_COLUMNS, SCHEMA, of_csv, of_json
from services.metrics.tables.asked import TableInBody
from shared.bodies import read_body
from shared.errors import FieldError, Invalid, Malformed, UnsupportedMedia


class Asked(TableInBody):
    """A table as GET /v1/tables/{id} takes it, and what headings mean whose words do not say it."""

    section: str | None = Field(default=None, description="of a table that has several; all of them unless given")
    columns: dict[str, str] = Field(default={}, description="the column of the table that a heading means")


class Upload(NamedTuple):
    """What is asked of which table, and what is printed."""

    asked: Asked
    rows: Printout


async def uploaded(request: Request) -> Upload:
    """The upload; raises Invalid naming the field, Malformed, UnsupportedMedia, TooLarge."""
    body = await read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/csv":
        # Read beside everybody else's requests: a body of a megabyte takes its time.
        return Upload(_checked(_of_query(request)), await asyncio.to_thread(of_csv, body))
    if kind != "application/json":
        raise UnsupportedMedia(f"a body of {kind or 'no type'} is not accepted; send application/json or text/csv")
    if request.query_params:
        raise refused(next(iter(request.query_params)), "stands in the body, where that is JSON")
    return await asyncio.to_thread(_of_body, body)


def in_json() -> dict[str, Any]:
    """The schema of a JSON body: the parameters, and the rows."""
    described = Asked.model_json_schema()
    described["properties"] |= {"rows": SCHEMA}
    return described | {"required": [*described["required"], "rows"]}


def _of_body(body: bytes) -> Upload:
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise refused("body", "is not an object with 'table' and 'rows'")
    rows = given.pop("rows", [])
    return Upload(_checked(given), of_json(rows))


def _of_query(request: Request) -> dict[str, Any]:
    given = {name: value for name, value in request.query_params.items() if name != "column"}
    columns = {}
    for each in request.query_params.getlist("column"):
        heading, colon, key = each.rpartition(":")
        if not colon:
            raise refused("column", f"{each[:200]!r} is not HEADING:COLUMN")
        columns[heading] = key
    return given | ({"columns": columns} if columns else {})


def _checked(given: dict[str, Any]) -> Asked:
    """Raises Invalid. What is there too often is told by its number: each would be an error of its own."""
    if unknown := [name for name in given if name not in Asked.model_fields]:
        raise refused(unknown[0][:200], f"is no parameter; there are {', '.join(Asked.model_fields)}")
    columns = given.get("columns")
    if isinstance(columns, dict) and len(columns) > MOST_COLUMNS:
        raise refused("columns", f"has {len(columns):,} headings; there are at most {MOST_COLUMNS}")
    try:
        return Asked.model_validate(given)
    except ValidationError as error:
        wrong = [FieldError(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise Invalid("the request is not valid", errors=wrong) from error
