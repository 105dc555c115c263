"""The boroughs' own priorities: a row a borough, a line a priority."""

from collections.abc import Mapping
from typing import Any

from services.metrics.comparisons import compare, percent
from services.metrics.figures import Figure
from services.metrics.periods import Window, window_ending, year_before
from services.metrics.tables.layouts.comparison import figures, suppressed
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.origins import Change, Of, Origins, PercentChange
from services.metrics.tables.parts import Asks, Column, Found, Part, Scope, suppressed_cells
from shared.reference.terms import Priority

_COLUMNS = (
    Column("name", "Borough", "text"),
    Column("title", "Priority", "text"),
    Column("previous", "Before"),
    Column("current", "Now"),
    Column("change", "Change", "change"),
    Column("percent_change", "%", "percent"),
    Column("status", "Data", "status"),
)


class Priorities(Section, frozen=True, kw_only=True, tag="priorities"):
    """The priorities of priorities.toml: a quarter against the same quarter a year before, in whole percent."""

    def asks(self, scope: Scope) -> Asks:
        wanted = {each.measure for area in scope.boroughs for each in scope.reference.priorities[area.id]}
        measures = [measure.id for measure in scope.reference.measures if measure.id in wanted]
        return Asks(measures, scope.boroughs, list(_windows(scope).values()))

    def render(self, scope: Scope, found: Found) -> Part:
        windows, rows = _windows(scope), []
        for area in scope.boroughs:
            lines = [
                _line(each, *(found.figure(each.measure, area, window) for window in windows.values()))
                for each in scope.reference.priorities[area.id]
            ]
            rows.append({"area": area.id, "name": area.name, "priorities": lines})
        return Part(columns=_COLUMNS, rows=rows, windows=windows, measures=self.asks(scope).measures)

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        del found
        area, windows = scope.reference.areas.resolve(line["area"]), _windows(scope)
        now, before = (Of(line["measure"], area, windows[name]) for name in ("current", "previous"))
        percentage = PercentChange(now, before, decimals=0)
        return {"current": now, "previous": before, "change": Change(now, before), "percent_change": percentage}


def _windows(scope: Scope) -> dict[str, Window]:
    window = window_ending("quarter", scope.end)
    return {"current": window, "previous": year_before("quarter", window)}


def _line(priority: Priority, current: Figure, previous: Figure) -> dict[str, Any]:
    compared = compare(current, [previous])
    whole = None
    if compared.change is not None and previous.value is not None:
        whole = percent(compared.change, previous.value, decimals=0)
    named = {"title": priority.title, "measure": priority.measure, "additional": priority.additional}
    shown = figures(compared) | {"percent_change": None if whole is None else int(whole)}
    return named | shown | suppressed_cells(suppressed(compared))
