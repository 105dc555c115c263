"""What is uploaded: a printed table as JSON, or as CSV with its parameters in the query."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

from annotated_types import MaxLen
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from services.metrics.params import Dataset, Day, refused
from services.metrics.reconciliations.columns import Printout
from shared.bodies import read_body
from shared.errors import FieldError, Invalid, Malformed, UnsupportedMedia

MOST_ROWS, MOST_COLUMNS = 2000, 100
_Heading = Annotated[str, MaxLen(200)]
_Cell = Annotated[StrictStr, MaxLen(500)] | StrictInt | StrictFloat | None
_Row = Annotated[dict[_Heading, _Cell], MaxLen(MOST_COLUMNS)]


class Asked(BaseModel):
    """A table as GET /v1/tables/{id} takes it, and what headings mean whose words do not say it."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(max_length=200, description="as /v1/tables lists it")
    end: Day | None = None
    quarter: str | None = Field(default=None, description="instead of 'end', a financial quarter as in 2017-18-Q1")
    area: str | None = Field(default=None, description="GSS code or name; London unless given")
    dataset: Dataset = None
    section: str | None = Field(default=None, description="of a table that has several; all of them unless given")
    columns: dict[str, str] = Field(default={}, description="the column of the table that a heading means")


class AskedInJson(Asked):
    """The same with the rows, each an object by heading; a number may be one, or the text that is printed."""

    rows: list[_Row] = Field(min_length=1, max_length=MOST_ROWS)


class Upload(NamedTuple):
    """What is asked of which table, and what is printed."""

    asked: Asked
    rows: Printout


async def uploaded(request: Request) -> Upload:
    """The upload; raises Invalid naming the field, Malformed, UnsupportedMedia, TooLarge."""
    body = await read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/csv":
        return Upload(_checked(Asked, _of_query(request)), _rows_of(body))
    if kind != "application/json":
        raise UnsupportedMedia(f"a body of {kind or 'no type'} is not accepted; send application/json or text/csv")
    asked = _checked_json(body)
    _refuse_many_headings(asked.rows)
    if request.query_params:
        raise refused(next(iter(request.query_params)), "stands in the body, where that is JSON")
    return Upload(asked, [{name: _text(cell) for name, cell in row.items()} for row in asked.rows])


def _refuse_many_headings(rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows that each have headings of their own would be compared with each other's, one by one."""
    headings = {heading for row in rows for heading in row}
    if len(headings) > MOST_COLUMNS:
        raise refused("rows", f"all rows together have {len(headings):,} headings; there are at most {MOST_COLUMNS}")


def _of_query(request: Request) -> dict[str, Any]:
    given = {name: value for name, value in request.query_params.items() if name != "column"}
    columns = {}
    for each in request.query_params.getlist("column"):
        heading, colon, key = each.rpartition(":")
        if not colon:
            raise refused("column", f"{each[:200]!r} is not HEADING:COLUMN")
        columns[heading] = key
    return given | ({"columns": columns} if columns else {})


def _rows_of(body: bytes) -> Printout:
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        headings, *rows = [[cell.strip() for cell in row] for row in reader if any(cell.strip() for cell in row)]
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8: {error}") from error
    except csv.Error as error:
        raise Malformed(f"the body is not CSV: {error}") from error
    except ValueError as error:
        raise refused("rows", "the body is empty; send a line of headings, and a line a row") from error
    if len(set(headings)) < len(headings) or "" in headings or len(headings) > MOST_COLUMNS:
        raise refused("rows", f"every column needs a heading of its own, and there are at most {MOST_COLUMNS}")
    if not 0 < len(rows) <= MOST_ROWS:
        raise refused("rows", f"send at least one row below the headings, and at most {MOST_ROWS:,}")
    return [_row(headings, row, number) for number, row in enumerate(rows)]


def _row(headings: list[str], cells: list[str], number: int) -> Mapping[str, str]:
    if len(cells) != len(headings):
        raise refused(
            f"rows[{number}]", f"has {len(cells)} cells under {len(headings)} headings; quote cells with commas"
        )
    return dict(zip(headings, cells, strict=True))


def _text(cell: str | float | None) -> str:
    return "" if cell is None else str(cell)


def _checked(model: type[Asked], given: Any) -> Asked:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _invalid(error) from error


def _checked_json(body: bytes) -> AskedInJson:
    try:
        return AskedInJson.model_validate_json(body)
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors()):
            raise Malformed(f"the body is not JSON: {error.errors()[0]['msg']}") from error
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> Invalid:
    wrong = [FieldError(".".join(map(str, each["loc"])) or "body", each["msg"]) for each in error.errors()]
    return Invalid("the request is not valid", errors=wrong)
