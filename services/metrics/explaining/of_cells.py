"""Explains the cells of tables."""

from typing import Any, NamedTuple

from services.metrics.explaining.asked import ExplainQuery
from services.metrics.explaining.explaining import Bears, Explaining
from services.metrics.params import Params, refused
from services.metrics.tables import Tables
from services.metrics.tables.answers import Answer
from services.metrics.tables.api import named
from services.metrics.tables.asked import LONDON, Asking, TableQuery
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.origins import Counted, Origin, figures
from services.metrics.tables.parts import Part, flattened, is_suppressed
from shared.reference.terms import Area

_READINGS = 3
"""In a stream that never rests the last one is answered."""


class TableCells:
    """Raises Invalid, naming the parameter and what would be right, and NotFound for a table."""

    def __init__(self, params: Params, tables: Tables, explaining: Explaining) -> None:
        self._tables, self._asking, self._explaining = tables, Asking(params, tables), explaining

    async def answer(self, asked: ExplainQuery) -> dict[str, Any]:
        """The cell as its table has it, and its tree: read once more where a count came in between the two."""
        for _ in range(_READINGS):
            version = await self._explaining.version()
            told = await self._told(asked)
            if version == await self._explaining.version():
                break
        return told

    async def _told(self, asked: ExplainQuery) -> dict[str, Any]:
        cell = _cell(await self._filled(asked), asked)
        answer, dataset, windows = cell.answer, cell.answer.dataset, [each.window for each in figures(cell.origin)]
        measures = self._explaining.measures_of(cell.origin)
        kind = cell.origin.kind if isinstance(cell.origin, Counted) else None
        offsets = await self._explaining.offsets(measures, kind)
        (figure,) = await self._explaining.nodes([cell.origin], dataset)
        if not asked.across_breaks and (barred := self._explaining.barred_by(cell.origin, dataset)):
            figure |= {"value": None, "barred_by": barred}  # as the table has it
        if kind:
            figure |= {"title": cell.title, "definition": cell.note}
        bears = Bears(measures, _area(cell.origin, answer), dataset, windows, asked.across_breaks, kind)
        rests_on = await self._explaining.rests_on(bears)
        rests_on["caveats"] = list(dict.fromkeys([*rests_on["caveats"], *answer.table.caveats]))
        about = _about(cell, asked.row) | {"area": bears.area.id}
        return {**about, "figure": figure, "offsets": offsets, **rests_on}

    async def _filled(self, asked: ExplainQuery) -> Answer:
        table = named(self._tables, asked.table or "")
        area = None if asked.area == LONDON else asked.area
        query = TableQuery(end=asked.end, quarter=asked.quarter, area=area, dataset=asked.dataset)
        return await self._tables.fill(table, *await self._asking.resolve(table, query))


class _Cell(NamedTuple):
    """A figure of a filled table: where it stands, and how it came about."""

    answer: Answer
    section: str
    line: dict[str, Any]
    column: str
    origin: Origin
    title: str
    note: str | None


def _cell(answer: Answer, asked: ExplainQuery) -> _Cell:
    section, part, number = _section(answer, asked.section)
    line = _line(part, asked.row)
    origin = _origin(answer, section, number, line, asked.column)
    title = next((each.title for each in part.columns if each.key == asked.column), "")
    return _Cell(answer, section.id, line, str(asked.column), origin, title, section.note)


def _about(cell: _Cell, row: int) -> dict[str, Any]:
    answer, line, column = cell.answer, cell.line, cell.column
    return {
        "table": answer.table.id,
        "section": cell.section,
        "row": row,
        "column": column,
        "line": {key: value for key, value in line.items() if isinstance(value, str)},
        "value": line.get(column),
        "status": "suppressed" if is_suppressed(line, column) else line.get("status"),
        "dataset": answer.dataset,
        "end": answer.end.isoformat(),
    }


def _area(origin: Origin, answer: Answer) -> Area:
    return next((each.area for each in figures(origin)), answer.scope.area)


def _section(answer: Answer, name: str | None) -> tuple[AnySection, Part, int]:
    sections = answer.sections()
    ids = [section.id for section, _ in sections]
    if name is None and len(ids) == 1:
        return (*sections[0], 0)
    if name not in ids:
        raise refused("section", f"{answer.table.id!r} has the sections {', '.join(ids)}")
    number = ids.index(name)
    return (*sections[number], number)


def _line(part: Part, row: int) -> dict[str, Any]:
    lines = list(flattened(part.rows))
    if row >= len(lines):
        raise refused("row", f"the section has {len(lines)} rows; the first is 0")
    return lines[row]


def _origin(answer: Answer, section: AnySection, number: int, line: dict[str, Any], column: str | None) -> Origin:
    origins = section.origins(answer.scope, answer.found[number], line)
    if column is None or column not in origins:
        raise refused("column", f"the figures of this row are {', '.join(origins)}")
    return origins[column]
