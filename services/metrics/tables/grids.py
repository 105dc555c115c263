"""A part of a table as a page shows it: headings, and lines of cells that read as text. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.metrics.tables import shown
from services.metrics.tables.parts import Column, Form, Part, is_suppressed

_NUMBERS = {"value", "change", "percent"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading."""

    title: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, what is said beside it, and over how many lines it reaches (0: it is covered from above).

    `place` is the line (of the part's flattened rows) and the column of a figure, which can be explained.
    """

    text: str
    said: str = ""
    is_number: bool = False
    is_heading: bool = False
    span: int = 1
    place: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of cells. A total is set off."""

    cells: Sequence[Cell]
    is_total: bool = False


def headings(part: Part) -> list[Heading]:
    """The headings of the grid, or of the columns that are shown."""
    if part.pivot is None:
        return [Heading(column.title, column.form in _NUMBERS) for column in _shown(part)]
    before = [Heading(_title(part, key), is_number=False) for key in part.pivot.lines]
    return before + [Heading(title, is_number=True) for title in part.pivot.headings.values()]


def lines(part: Part) -> list[Line]:
    """The lines under them."""
    return list(_grid_lines(part) if part.pivot else _row_lines(part))


def _shown(part: Part) -> list[Column]:
    """Statuses are shown only where one has something to say."""
    rows = list(_flat(part.rows))
    silent = {c.key for c in part.columns if c.form == "status" and all(not shown.status(row[c.key]) for row in rows)}
    return [column for column in part.columns if column.key not in silent]


def _title(part: Part, key: str) -> str:
    return next(column.title for column in part.columns if column.key == key)


def _flat(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Rows that hold lines as those lines; `span` is how many follow under the row's own cells, 0 within them."""
    for row in rows:
        nested = [value for value in row.values() if isinstance(value, list)]
        if not nested:
            yield {**row, "span": 1}
        for number, line in enumerate(nested[0] if nested else ()):
            yield {**row, **line, "own": set(line), "span": 0 if number else len(nested[0])}


def _row_lines(part: Part) -> Iterator[Line]:
    columns = _shown(part)
    named = next((column.key for column in columns if column.key in ("name", "title", "line")), columns[0].key)
    for number, row in enumerate(_flat(part.rows)):
        cells = [_cell(column, row, column.key == named, number) for column in columns]
        yield Line(cells, bool(row.get("total")))


def _cell(column: Column, row: Row, is_heading: bool, number: int) -> Cell:
    span = 1 if "own" not in row or column.key in row["own"] else row["span"]
    said = "additional" if column.key == "title" and row.get("additional") else ""
    unit = column.unit or row.get("unit") or ""
    text = shown.SUPPRESSED if is_suppressed(row, column.key) else _text(column.form, row.get(column.key), unit)
    place = _place(row, column.key, number) if column.form in _NUMBERS else None
    return Cell(text, said, column.form in _NUMBERS, is_heading and span > 0, span, place)


def _place(row: Row, key: str, number: int) -> tuple[int, str] | None:
    return (number, key) if row.get(key) is not None or is_suppressed(row, key) else None


def _text(form: Form, value: Any, unit: str) -> str:
    match form:
        case "value":
            return shown.in_unit(value, unit)
        case "change":
            return shown.change_in_unit(value, unit)
        case "percent":
            return shown.percent(value)
        case "status":
            return shown.status(value)
        case _:
            return shown.text(value)


def _grid_lines(part: Part) -> Iterator[Line]:
    pivot = part.pivot
    assert pivot, "asked of grids alone"
    numbered = enumerate(part.rows)
    grouped = groupby(numbered, key=lambda each: tuple(str(each[1][key]) for key in pivot.lines))
    found = [(named, {row[pivot.across]: (row, number) for number, row in group}) for named, group in grouped]
    outer = Counter(named[0] for named, _ in found)
    seen = ""
    for named, by_column in found:
        spans = [1] * len(named) if len(named) == 1 else [0 if named[0] == seen else outer[named[0]], 1]
        seen = named[0]
        heads = [Cell(text, is_heading=span > 0, span=span) for text, span in zip(named, spans, strict=True)]
        yield Line([*heads, *(_grid_cell(part, by_column.get(key)) for key in pivot.headings)])


def _grid_cell(part: Part, numbered: tuple[Row, int] | None) -> Cell:
    assert part.pivot, "asked of grids alone"
    if numbered is None:
        return Cell(shown.NO_DATA, is_number=True)
    row, number = numbered
    text = _text(part.pivot.form, row[part.pivot.cell], row.get("unit", ""))
    text = shown.SUPPRESSED if is_suppressed(row, part.pivot.cell) else text
    said = str(row[part.pivot.verdict]) if part.pivot.verdict else shown.status(row["status"])
    place = _place(row, part.pivot.cell, number)
    return Cell(text, "" if said == text else said, is_number=True, place=place)
