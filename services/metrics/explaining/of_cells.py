"""Explains the cells of tables."""

from typing import Any

from services.metrics.explaining.asked import ExplainQuery
from services.metrics.explaining.explaining import Bears, Explaining
from services.metrics.params import Params, refused
from services.metrics.tables import Tables
from services.metrics.tables.answers import Answer
from services.metrics.tables.api import named
from services.metrics.tables.asked import LONDON, Asking, TableQuery
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.origins import Origin, figures
from services.metrics.tables.parts import Part, flattened, is_suppressed
from shared.reference.terms import Area


class TableCells:
    """Raises Invalid, naming the parameter and what would be right, and NotFound for a table."""

    def __init__(self, params: Params, tables: Tables, explaining: Explaining) -> None:
        self._tables, self._asking, self._explaining = tables, Asking(params, tables), explaining

    async def answer(self, asked: ExplainQuery) -> dict[str, Any]:
        table = named(self._tables, asked.table or "")
        area = None if asked.area == LONDON else asked.area
        query = TableQuery(end=asked.end, quarter=asked.quarter, area=area, dataset=asked.dataset)
        answer = await self._tables.fill(table, *await self._asking.resolve(table, query))
        section, part, number = _section(answer, asked.section)
        line = _line(part, asked.row)
        origin = _origin(answer, section, number, line, asked.column)
        chosen, windows = self._explaining.measures_of(origin), [each.window for each in figures(origin)]
        offsets = await self._explaining.offsets(chosen)
        (figure,) = await self._explaining.nodes([origin], answer.dataset)
        column = str(asked.column)
        return {
            "table": table.id,
            "section": section.id,
            "row": asked.row,
            "column": column,
            "line": {key: value for key, value in line.items() if isinstance(value, str)},
            "value": line.get(column),
            "status": "suppressed" if is_suppressed(line, column) else line.get("status"),
            "area": answer.scope.area.id,
            "dataset": answer.dataset,
            "end": answer.end.isoformat(),
            "figure": figure,
            "offsets": offsets,
            **await self._explaining.rests_on(Bears(chosen, _area(origin, answer), answer.dataset, windows)),
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
