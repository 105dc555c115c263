"""The rows of a table's answer, found by what names them, and which of their members are figures. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Number = int | float
Row = Mapping[str, Any]
Name = tuple[tuple[str, str], ...]
DIMENSIONS = (
    "section",
    "area",
    "measure",
    "line",
    "service",
    "project",
    "characteristic",
    "group",
    "month",
    "year",
    "kind",
    "source",
)
"""The members by which rows are told apart, whatever their layout."""


def lines(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Rows that hold lines of their own as those lines, each with its row's other members; the rest as they are."""
    for row in rows:
        nested = [value for value in row.values() if isinstance(value, list)]
        own = {name: value for name, value in row.items() if not isinstance(value, list)}
        yield from ({**own, **line} for held in nested for line in held)
        if not nested:
            yield own


def name_of(row: Row) -> Name:
    """What tells the row from all others of its table."""
    return tuple((name, str(row[name])) for name in DIMENSIONS if row.get(name) is not None)


def by_name(rows: Iterable[Row]) -> dict[Name, dict[str, Any]]:
    """The lines of an answer's rows, by what names them."""
    return {name_of(line): line for line in lines(rows)}


def is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def title_of(row: Row) -> str:
    """What a person calls the row: `Camden, Burglary`, `Total Pay`."""
    known = ("name", "characteristic", "group", "service", "project", "line", "month", "year", "source", "title")
    return ", ".join(str(row[key]) for key in known if row.get(key))
