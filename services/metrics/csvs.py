"""Tables and series as CSV: one header, a row a line, no value left to guess. Null is an empty field."""

import csv
import io
from collections.abc import Sequence
from typing import Any


def plan_csv(table: dict[str, Any]) -> str:
    return _written(_labelled(table, table["rows"]))


def priorities_csv(table: dict[str, Any]) -> str:
    rows = [
        {"area": row["area"], "name": row["name"], **priority}
        for row in table["rows"]
        for priority in row["priorities"]
    ]
    return _written(_labelled(table, rows))


def series_csv(series: dict[str, Any]) -> str:
    fixed = {name: series[name] for name in ("measure", "area")}
    return _written(_labelled(series, [fixed | point for point in series["points"]]))


def _labelled(answer: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row with its dataset, and what is to be said of it: a file is read far from where it was fetched."""
    return [{**row, "dataset": answer["dataset"], "note": answer.get("note")} for row in rows]


def _written(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
