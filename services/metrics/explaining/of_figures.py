"""Explains what /v1/compare answers."""

from typing import Any

from services.metrics.answers import measure_json
from services.metrics.breaks import Bearing
from services.metrics.explaining.asked import ExplainQuery
from services.metrics.explaining.explaining import Bears, Explaining
from services.metrics.params import Params, breaks_between, fixed_baseline, refuse_idle_days, span_of
from services.metrics.periods import Window, WindowName, Yardstick, baselines
from services.metrics.queries import Queries
from services.metrics.tables.origins import Of, Origin, Promised, figures
from services.metrics.targets import baseline_window
from shared.reference.measures import Measure


class Figures:
    """Raises Invalid, naming the parameter and what would be right."""

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
        windows = [window, *(each.window for origin in before for each in figures(origin))]
        breaks_between(self._queries, Bearing(measure, area, dataset), windows, asked.across_breaks)
        offsets = await self._explaining.offsets([measure])
        figure, *others = await self._explaining.nodes([now, *before], dataset)
        target, is_sensitive = self._queries.targets.get(measure.id), measure.id in self._queries.suppression.sensitive
        return {
            "measure": measure_json(measure, target, is_sensitive),
            "area": area.id,
            "dataset": dataset,
            "against": against,
            "figure": figure,
            "baseline": others[0] if len(others) == 1 else _mean(others),
            "offsets": offsets,
            **await self._explaining.rests_on(Bears([measure], area, dataset, windows, asked.across_breaks)),
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
