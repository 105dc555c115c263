"""What follows from a printed table's own figures: totals from their parts, changes from what they are between. Pure.

Each kind of section has its sums. The rows are all of the section's, with the printed figures, null where none is
printed: what follows from a figure that is not there is not looked at.
"""

from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import Any

from services.metrics.comparisons import percent
from services.metrics.tables.cells import Row
from services.metrics.tables.exact import Number, difference, total
from services.metrics.tables.layouts.allocation import Allocation
from services.metrics.tables.layouts.balances import Balances
from services.metrics.tables.layouts.comparison import Comparison
from services.metrics.tables.layouts.priorities import Priorities
from services.metrics.tables.layouts.statement import Statement
from services.metrics.tables.layouts.sums import against_parts
from services.metrics.tables.parts import Difference

Sums = Iterator[Difference | None]


def sums(section: Any, rows: Sequence[Row]) -> list[Difference]:
    """Each sum that can be worked out, equal or not; `printed` against `computed` from its printed parts."""
    return [each for each in _sums(section, rows) if each]


@singledispatch
def _sums(_section: Any, _rows: Sequence[Row]) -> Sums:
    yield from ()


@_sums.register
def _(section: Allocation, rows: Sequence[Row]) -> Sums:
    shares = total(row["value"] for row in rows if not row["total"])
    for row in rows:
        if row["total"]:
            yield against_parts("Printed total", row["value"], shares, section.tolerance)


@_sums.register
def _(section: Statement, rows: Sequence[Row]) -> Sums:
    by_line = {tuple(row[name] for name in section.breakdown): row for row in rows}
    for line in section.lines:
        for column in section.columns if line.total_of else ():
            if column.measure:
                parts = total(by_line[_names(part)][column.key] for part in line.total_of)
                place = f"{_names(line.line)[-1]}, {column.title.lower()}"
                yield against_parts(place, by_line[_names(line.line)][column.key], parts, section.tolerance)
    for row in rows:
        for column in section.columns:
            if not column.measure:
                place = f"{row[section.breakdown[-1]]}, {column.title.lower()}"
                apart = difference(row[column.of], row[column.against])
                yield against_parts(place, row[column.key], apart, section.tolerance)


@_sums.register
def _(section: Balances, rows: Sequence[Row]) -> Sums:
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        year, closing = row["year"], row["closing"]
        rolled = total([row["opening"], row["movement"]])
        yield against_parts(f"{year}, opening and movement against closing", closing, rolled, section.tolerance)
        if section.shares:
            parts = total(row[each.key] for each in section.shares)
            yield against_parts(f"{year}, shares against closing", closing, parts, section.tolerance)
        if following:
            place = f"{year}, closing against the next opening"
            yield against_parts(place, following["opening"], closing, section.tolerance)


@_sums.register
def _(section: Comparison, rows: Sequence[Row]) -> Sums:
    for row in rows:
        for each in section.comparisons:
            place = ": ".join(filter(None, [row["title"], each.title]))
            yield from _moved(place, *(row[each.key(name)] for name in _MOVED), tolerance=0)


@_sums.register
def _(_section: Priorities, rows: Sequence[Row]) -> Sums:
    for row in rows:
        place = f"{row['name']}, {row['title']}"
        # Borough priorities are printed in whole percent.
        yield from _moved(place, *(row[name] for name in _MOVED), tolerance=0.5)


_MOVED = ("previous", "current", "change", "percent_change")


def _moved(
    place: str,
    previous: Number | None,
    current: Number | None,
    change: Number | None,
    percentage: Number | None,
    *,
    tolerance: Number,
) -> Sums:
    """A change, and the change in percent, against the two figures that it is between."""
    apart = difference(current, previous)
    yield against_parts(f"{place}, change", change, apart, 0)
    if apart is not None and previous is not None:
        yield against_parts(f"{place}, % change", percentage, percent(apart, previous, 1), tolerance)


def _names(line: str | tuple[str, ...]) -> tuple[str, ...]:
    return (line,) if isinstance(line, str) else line
