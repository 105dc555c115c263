"""The route /v1/explain: any figure that /v1/compare answers, and any cell of a table. Parse, ask, answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.metrics.answers import measure_json
from services.metrics.explaining.explaining import Bears, Explaining
from services.metrics.params import Dataset, Day, Params, fixed_baseline, refuse_idle_days, refused, span_of
from services.metrics.periods import Window, WindowName, Yardstick, baselines
from services.metrics.queries import Queries
from services.metrics.tables import Tables
from services.metrics.tables.answers import Answer
from services.metrics.tables.api import named
from services.metrics.tables.asked import LONDON, Asking, TableQuery
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.origins import Of, Origin, Promised, figures
from services.metrics.tables.parts import Part, flattened, is_suppressed
from services.metrics.targets import baseline_window
from shared.reference.measures import Measure
from shared.reference.terms import Area
from shared.web import problems


class ExplainQuery(BaseModel):
    """The parameters of /v1/compare; or a table's, with `table`, `section`, `row` and `column`."""

    model_config = ConfigDict(extra="forbid")

    measure: str | None = None
    area: str = LONDON
    window: WindowName | None = Field(default=None, description="12m unless given")
    end: Day | None = None
    against: Yardstick | None = Field(default=None, description="year-before unless given")
    dataset: Dataset = None
    first: Day | None = Field(default=None, alias="from", description="of a custom window")
    last: Day | None = Field(default=None, alias="to", description="of a custom window")
    baseline_from: Day | None = None
    baseline_to: Day | None = None
    table: str | None = Field(default=None, description="a table's id, instead of a measure")
    section: str | None = Field(default=None, description="of a table with several")
    row: int = Field(default=0, ge=0, description="of the section, from 0; a line of its own where rows hold lines")
    column: str | None = Field(default=None, description="key of the table's column")
    quarter: str | None = Field(default=None, description="a table's, instead of 'end'")


_OF_A_MEASURE = ("window", "against", "first", "last", "baseline_from", "baseline_to")
_OF_A_TABLE = ("section", "column", "quarter")
_NAMES = {"first": "from", "last": "to"}


def router(door: "Door") -> APIRouter:
    """/explain."""
    routes = APIRouter()

    @routes.get("/explain", summary="What a figure is made of, and rests on", responses=problems(404, 422, 503))
    async def explain(asked: Annotated[ExplainQuery, Query()]) -> JSONResponse:
        return JSONResponse(await door.answer(asked))

    return routes


class Door:
    """What the route and the page have in common. Raises Invalid and NotFound, naming the parameter."""

    def __init__(self, params: Params, queries: Queries, tables: Tables, explaining: Explaining) -> None:
        self._figures = _Figures(params, queries, explaining)
        self._cells = _TableCells(params, tables, explaining)

    async def answer(self, asked: ExplainQuery) -> dict[str, Any]:
        if (asked.measure is None) == (asked.table is None):
            raise refused("measure", "give 'measure', or 'table' with 'column' and 'row', and not both")
        _refuse_idle(asked, _OF_A_TABLE if asked.table is None else _OF_A_MEASURE)
        return await (self._figures if asked.table is None else self._cells).answer(asked)


def _refuse_idle(asked: ExplainQuery, idle: tuple[str, ...]) -> None:
    for field in idle:
        if getattr(asked, field) is not None:
            whose = "a table's cell" if asked.table is None else "a measure's figure"
            raise refused(_NAMES.get(field, field), f"is asked of {whose} alone")


class _Figures:
    """Explains what /v1/compare answers."""

    def __init__(self, params: Params, queries: Queries, explaining: Explaining) -> None:
        self._params, self._queries, self._explaining = params, queries, explaining

    async def answer(self, asked: ExplainQuery) -> dict[str, Any]:
        measure, area = self._params.measure(asked.measure or ""), self._params.area(asked.area)
        name, against = asked.window or "12m", asked.against or "year-before"
        refuse_idle_days(name, asked.end, asked.first or asked.last)
        fixed = fixed_baseline(against, asked.baseline_from, asked.baseline_to)
        span, reach = span_of(asked.first, asked.last), self._queries.reach_of(measure)
        dataset, window = await self._params.dataset_and_window(reach, asked.dataset, name, asked.end, span)
        now = Of(measure.id, area, window)
        before = self._before(now, measure, name, against, fixed)
        offsets = await self._explaining.offsets([measure])
        figure, *others = await self._explaining.nodes([now, *before], dataset)
        windows = [window, *(each.window for origin in before for each in figures(origin))]
        target, is_sensitive = self._queries.targets.get(measure.id), measure.id in self._queries.suppression.sensitive
        return {
            "measure": measure_json(measure, target, is_sensitive),
            "area": area.id,
            "dataset": dataset,
            "against": against,
            "figure": figure,
            "baseline": others[0] if len(others) == 1 else _mean(others),
            "offsets": offsets,
            **await self._explaining.rests_on(Bears([measure], area, dataset, windows)),
        }

    def _before(
        self, now: Of, measure: Measure, name: WindowName, against: Yardstick, fixed: Window | None
    ) -> list[Origin]:
        if against != "target":
            return [Of(measure.id, now.area, each) for each in baselines(name, against, now.window, fixed)]
        target = self._params.target(measure, now.area, name)
        days = baseline_window(target)
        return [Promised(target, Of(measure.id, now.area, days) if days else None, now.window)]


def _mean(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Several windows that are compared with are averaged, each weighing the same."""
    return {"how": "mean-of", "inputs": {f"window-{number}": node for number, node in enumerate(nodes, 1)}}


class _TableCells:
    """Explains the cells of tables."""

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
