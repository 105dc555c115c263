"""Printed changes, percentages and variances against the printed figures that they are between. Pure.

The rows are all of a section's, with the printed figures, null where none is printed: what rests on a figure that is
not there is left out.
"""

from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import Any

from services.metrics.comparisons import percent
from services.metrics.tables.cells import Row
from services.metrics.tables.exact import difference
from services.metrics.tables.layouts.comparison import Comparison
from services.metrics.tables.layouts.priorities import Priorities
from services.metrics.tables.layouts.statement import Statement
from services.metrics.tables.layouts.sums import against_parts
from services.metrics.tables.parts import Difference

_Found = Iterator[Difference | None]


def changes(section: Any, rows: Sequence[Row]) -> list[Difference]:
    """Each that can be worked out, equal or not: `printed` against what it is `computed` to be."""
    return [each for each in _changes(section, rows) if each]


@singledispatch
def _changes(_section: Any, _rows: Sequence[Row]) -> _Found:
    yield from ()


@_changes.register
def _(section: Comparison, rows: Sequence[Row]) -> _Found:
    for row in rows:
        for each in section.comparisons:
            figures = {name: row[each.key(name)] for name in ("previous", "current", "change", "percent_change")}
            yield from _moved(": ".join(filter(None, [row["title"], each.title])), figures, decimals=1)


@_changes.register
def _(_section: Priorities, rows: Sequence[Row]) -> _Found:
    for row in rows:
        yield from _moved(f"{row['name']}, {row['title']}", row, decimals=0)


@_changes.register
def _(section: Statement, rows: Sequence[Row]) -> _Found:
    variances = [column for column in section.columns if not column.measure]
    for row in rows:
        for column in variances:
            place = f"{row[section.breakdown[-1]]}, {column.title.lower()}"
            apart = difference(row[column.of], row[column.against])
            yield against_parts(place, row[column.key], apart, section.tolerance)


def _moved(place: str, figures: Row, decimals: int) -> _Found:
    previous, apart = figures["previous"], difference(figures["current"], figures["previous"])
    yield against_parts(f"{place}, change", figures["change"], apart, 0)
    if apart is not None:
        percentage = percent(apart, previous, decimals)
        yield against_parts(f"{place}, % change", figures["percent_change"], percentage, 0)
