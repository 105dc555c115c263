"""A sum of money shared out among the boroughs: their shares, and the printed total against what they come to."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.metrics.periods import Window, window_ending
from services.metrics.tables.exact import Number, total
from services.metrics.tables.layouts.naming import indicators_named
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.layouts.sums import against_parts
from services.metrics.tables.origins import Origins, PostedFigure
from services.metrics.tables.parts import Column, Difference, Found, Part, Scope
from services.metrics.tables.posted import status_of, value_of
from shared.reference import Reference
from shared.reference.terms import Area

_COLUMNS = (
    Column("name", "Borough", "text"),
    Column("title", "Measure", "text"),
    Column("value", "Allocation"),
    Column("period", "Period", "text"),
    Column("status", "Data", "status"),
)


class Allocation(Section, frozen=True, kw_only=True, tag="allocation"):
    """`measure` is posted for each borough; London's own figure is the printed total, and stands as it is printed."""

    measure: str
    tolerance: Number

    def check(self, known: Reference) -> None:
        indicators_named(known, {"measure": self.measure})

    def posted(self, known: Reference) -> list[str]:
        del known
        return [self.measure]

    def render(self, scope: Scope, found: Found) -> Part:
        window = window_ending("fytd", scope.end)
        shares = [self._row(area, scope, found, window) for area in scope.boroughs]
        printed = [self._row(scope.area, scope, found, window) | {"total": True}] if scope.area.is_region else []
        rows = [*shares, *printed]
        differences = self.sums(rows)
        return Part(
            columns=_COLUMNS,
            rows=rows,
            windows={"current": window},
            differences=[each for each in differences if each.difference],
            checked=len(differences),
            measures=[self.measure],
        )

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        window = window_ending("fytd", scope.end)
        return {"value": PostedFigure(self.measure, found.posted.at(self.measure, line["area"], window))}

    def sums(self, rows: Sequence[Mapping[str, Any]]) -> list[Difference]:
        shares = total(each["value"] for each in rows if not each["total"])
        printed = [each["value"] for each in rows if each["total"]]
        found = [against_parts("Printed total", each, shares, self.tolerance) for each in printed]
        return [each for each in found if each]

    def _row(self, area: Area, scope: Scope, found: Found, window: Window) -> dict[str, Any]:
        measure = scope.reference.measures.resolve(self.measure)
        figure = found.posted.at(measure.id, area.id, window)
        return {
            "area": area.id,
            "name": area.name,
            "measure": measure.id,
            "title": measure.title,
            "unit": measure.unit,
            "value": value_of(figure),
            "period": figure.period if figure else None,
            "total": False,
            "status": status_of([figure]),
        }
