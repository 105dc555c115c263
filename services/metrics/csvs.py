"""Tables, series and lists as CSV: one header, a row a line, no value left to guess.

Null is an empty field, and what is withheld says so. Text that a spreadsheet would take for a formula is led by an
apostrophe: some of it was posted, and files are opened by others. Numbers stand as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_LONDON = "E12000007"
SUPPRESSED = "suppressed"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table_csv(table: Mapping[str, Any]) -> str:
    """As CSV; the header is the first line."""
    return written(table_rows(table))


def table_rows(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A table's rows; a row that holds lines of its own is a line for each of them, and says whose they are."""
    rows = [line for row in table["rows"] for line in _lines(row)]
    if table.get("area", _LONDON) != _LONDON and not any("area" in row for row in rows):
        rows = [{"area": table["area"], **row} for row in rows]
    return _labelled(table, rows)


def series_csv(series: Mapping[str, Any]) -> str:
    return written(series_rows(series))


def series_rows(series: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A line a point, which says whose it is."""
    fixed = {name: series[name] for name in ("measure", "area")}
    return _labelled(series, [fixed | _told_point(point) for point in series["points"]])


def _told_point(point: Mapping[str, Any]) -> dict[str, Any]:
    return {**point, "value": SUPPRESSED} if point.get("status") == SUPPRESSED else {**point}


def _lines(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    nested = [name for name, value in row.items() if isinstance(value, list)]
    fixed = {name: value for name, value in row.items() if name not in nested}
    if not nested:
        yield spelled_out(fixed)
    for name in nested:
        yield from (spelled_out(fixed | line) for line in row[name])


def spelled_out(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its withheld cells named as such, each where it stands."""
    hidden = row.get(SUPPRESSED, "").split()
    return {name: value for name, value in row.items() if name != SUPPRESSED} | dict.fromkeys(hidden, SUPPRESSED)


def _labelled(answer: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each row under every row's columns, its dataset, and what is to be said of it: files are read far from here."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{**columns, **row, "dataset": answer["dataset"], "note": answer.get("note")} for row in rows]


def written(rows: Sequence[Mapping[str, Any]], columns: Iterable[str] = ()) -> str:
    """Rows as CSV, under `columns` and whatever else they have: nothing has a header too."""
    headings = dict.fromkeys([*columns, *(name for row in rows for name in row)])
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(headings))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return str(value).lower() if isinstance(value, bool) else value
