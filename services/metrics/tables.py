"""The published tables: which measures, areas and windows stand in them, and how their rows read."""

from typing import Any

from services.metrics.comparisons import Comparison, Figure, compare, percent, window_json
from services.metrics.periods import Window, year_before
from services.metrics.queries import Queries, note
from shared.reference import Reference
from shared.reference.terms import Priority

PLAN_ROWS = 15
"""The Police and Crime Plan table holds the first fifteen measures declared, in their order."""


class Tables:
    """Fills the tables from `queries`."""

    def __init__(self, queries: Queries, reference: Reference) -> None:
        self._queries, self._reference = queries, reference
        self._plan = list(reference.measures)[:PLAN_ROWS]
        self._boroughs = {area_id: reference.areas.resolve(area_id) for area_id in reference.priorities}

    async def police_and_crime_plan(self, dataset: str, window: Window) -> dict[str, Any]:
        """12 months against the 12 before, London, as the quarterly report prints them."""
        (london,) = (area for area in self._reference.areas if area.is_region)
        before = year_before("12m", window)
        figures, extent = await self._queries.figures(self._plan, london, dataset, [window, before])
        rows = []
        for measure in self._plan:
            current, previous = figures[measure.id]
            named = {"plan_area": measure.plan_area, "measure": measure.id, "title": measure.title}
            rows.append(named | _figures(compare(current, [previous])))
        return {
            "title": "Recorded crime, 12 months",
            "area": london.id,
            "dataset": dataset,
            "current": window_json(window),
            "previous": window_json(before),
            "rows": rows,
            "as_of": extent.as_of if extent else None,
            **note(dataset),
        }

    async def local_priorities(self, dataset: str, quarter: Window) -> dict[str, Any]:
        """Each borough's priorities: the quarter against the same quarter a year before, in whole percent."""
        before = year_before("quarter", quarter)
        wanted = {each.measure for chosen in self._reference.priorities.values() for each in chosen}
        measures = [measure for measure in self._reference.measures if measure.id in wanted]
        figures, extent = await self._queries.figures_by_area(
            measures, self._boroughs.values(), dataset, [quarter, before]
        )
        rows = []
        for area_id, chosen in self._reference.priorities.items():
            area = self._boroughs[area_id]
            lines = [_priority(priority, *figures[priority.measure, area.index]) for priority in chosen]
            rows.append({"area": area.id, "name": area.name, "priorities": lines})
        return {
            "title": "Local volume priorities",
            "dataset": dataset,
            "current": window_json(quarter),
            "previous": window_json(before),
            "rows": rows,
            "as_of": extent.as_of if extent else None,
            **note(dataset),
        }


def _priority(priority: Priority, current: Figure, previous: Figure) -> dict[str, Any]:
    comparison = compare(current, [previous])
    whole = None
    if comparison.change is not None and previous.value is not None:
        whole = percent(comparison.change, previous.value, decimals=0)
    named = {"title": priority.title, "measure": priority.measure, "additional": priority.additional}
    return named | _figures(comparison) | {"percent_change": None if whole is None else int(whole)}


def _figures(comparison: Comparison) -> dict[str, Any]:
    return {
        "previous": comparison.baseline.value,
        "current": comparison.current.value,
        "change": comparison.change,
        "percent_change": comparison.percent_change,
        "status": comparison.status,
    }
