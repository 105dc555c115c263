"""The published table, and whether metrics answers it to the digit."""

from typing import Any

from local.demo.printed import twelve_months
from parts.constructed import Table
from parts.ratios import Wrong

END = "2017-06-30"
PATH = "/v1/tables/police-and-crime-plan"
_FIELDS = ("plan_area", "measure", "title", "previous", "current", "change", "percent_change")


def published_table() -> Table:
    return {row.measure: (row.previous, row.current) for row in twelve_months()}


def check_published(answer: dict[str, Any]) -> int:
    """How many rows were compared: every cell of the 15 is the published one, or Wrong."""
    found = [tuple(row[field] for field in _FIELDS) for row in answer["rows"]]
    right = [tuple(getattr(row, field) for field in _FIELDS) for row in twelve_months()]
    for place, row in enumerate(right):
        if found[place : place + 1] != [row]:
            raise Wrong(f"the table has {found[place : place + 1]} where {row} is published")
    if len(found) != len(right):
        raise Wrong(f"the table has {len(found)} rows, {len(right)} are published")
    return len(right)
