"""Measures by month: a row a measure and month, shown as a grid."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.metrics.periods import Window, intervals, shift_months
from services.metrics.tables.layouts.naming import Undeclared, measures_named
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.origins import Of, Origins
from services.metrics.tables.parts import Asks, Column, Found, Part, Pivot, Scope, suppressed_cells
from shared.reference import Reference

_COLUMNS = (
    Column("title", "Measure", "text"),
    Column("month", "Month", "text"),
    Column("value", "Value"),
    Column("status", "Data", "status"),
)


class Months(Section, frozen=True, kw_only=True, tag="months"):
    """`rows` are measures' ids, or patterns of them; `months` how many, the last of them that of the table's end."""

    rows: tuple[str, ...]
    months: int = 13

    def check(self, known: Reference) -> None:
        measures_named(known, self.rows, "rows")
        if not 1 <= self.months <= 60:
            raise Undeclared(f"months: {self.months} is not between 1 and 60")

    def asks(self, scope: Scope) -> Asks:
        measures = measures_named(scope.reference, self.rows, "rows")
        return Asks([measure.id for measure in measures], [scope.area], self._windows(scope))

    def render(self, scope: Scope, found: Found) -> Part:
        measures, windows = measures_named(scope.reference, self.rows, "rows"), self._windows(scope)
        rows = []
        for measure in measures:
            for window in windows:
                figure = found.figure(measure.id, scope.area, window)
                named: dict[str, Any] = {
                    "measure": measure.id,
                    "title": measure.title,
                    "unit": measure.unit,
                    "month": _month(window),
                }
                hidden = suppressed_cells(["value"] if figure.status == "suppressed" else [])
                rows.append(named | {"value": figure.value, "status": figure.status} | hidden)
        return Part(
            columns=_COLUMNS,
            rows=rows,
            windows={"current": Window(windows[0].first, windows[-1].last)},
            pivot=Pivot(("title",), "month", dict(_headings(windows)), "value"),
            measures=[measure.id for measure in measures],
        )

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        del found
        (window,) = (each for each in self._windows(scope) if _month(each) == line["month"])
        return {"value": Of(line["measure"], scope.area, window)}

    def _windows(self, scope: Scope) -> list[Window]:
        first = shift_months(scope.end.replace(day=1), 1 - self.months)
        return intervals(first, scope.end, "month")


def _month(window: Window) -> str:
    return f"{window.first:%Y-%m}"


def _headings(windows: list[Window]) -> Iterator[tuple[str, str]]:
    return ((_month(window), f"{window.first:%b %Y}") for window in windows)
