"""The rows of a printed table as they are uploaded, in CSV or in JSON, within bounds: anybody may upload."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from services.metrics.params import refused
from services.metrics.reconciliations.columns import Printout
from shared.errors import Malformed

MOST_ROWS, MOST_COLUMNS = 2000, 100
_Heading = Annotated[str, Meta(max_length=200)]
_Cell = Annotated[str, Meta(max_length=500)] | int | float | None
_Row = Annotated[dict[_Heading, _Cell], Meta(max_length=MOST_COLUMNS)]
_Rows = Annotated[list[_Row], Meta(min_length=1, max_length=MOST_ROWS)]
_ROW_NUMBER = re.compile(r"\[\d+\]")
SCHEMA = msgspec.json.schema(_Rows) | {"description": "each by heading; a number, or the text that is printed"}


def of_json(given: Any) -> Printout:
    """Rows as they were decoded; raises Invalid for the first thing that is wrong: a list of all may have no end."""
    try:
        rows = msgspec.convert(given, _Rows)
    except msgspec.ValidationError as error:
        wrong, _, place = str(error).partition(" - at ")
        number = _ROW_NUMBER.search(place)
        raise refused(f"rows{number[0]}" if number else "rows", wrong) from error
    _refuse_many_headings(rows)
    return [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]


def _refuse_many_headings(rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows that each have headings of their own would be compared with each other's, one by one."""
    headings = {heading for row in rows for heading in row}
    if len(headings) > MOST_COLUMNS:
        raise refused("rows", f"all rows together have {len(headings):,} headings; there are at most {MOST_COLUMNS}")


def of_csv(body: bytes) -> Printout:
    """The lines below the first, each under its headings; raises Malformed, or Invalid naming the row."""
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        lines = ([cell.strip() for cell in row] for row in reader if any(cell.strip() for cell in row))
        headings, *rows = islice(lines, MOST_ROWS + 2)
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
