"""What the alert rules say of the counts: one read of a dataset for all the rules that are due in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from services.metrics.breaks import Bearing
from services.metrics.figures import Figure
from services.metrics.indicators import Indicators
from services.metrics.periods import Window
from services.metrics.queries import Queries
from services.metrics.rules import Found, Judgement, Rule, Situation
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.terms import Area

_ByWindow = Mapping[Window, Figure]


class Watched(NamedTuple):
    """A rule in one of its datasets."""

    rule: Rule
    dataset: str


class Judged(NamedTuple):
    """What a rule said of an area in a dataset."""

    rule: Rule
    at: Situation
    judgement: Judgement

    @property
    def name(self) -> str:
        return self.rule.name(self.at.on.dataset, self.at.on.area, self.judgement.part)


_Look = tuple[Rule, Situation]


class Judges:
    """Asks `queries` for what rules need, and has them judge."""

    def __init__(self, queries: Queries, known: Reference) -> None:
        self._queries, self._known = queries, known

    def measure(self, rule: Rule) -> Measure:
        """Whose figures the rule watches."""
        return self._known.measures.resolve(rule.measure)

    async def judge(self, due: Iterable[Watched], today: date) -> list[Judged]:
        """What these rules say of what is known, as on `today`, which is not over."""
        by_dataset: dict[str, list[Rule]] = {}
        for rule, dataset in due:
            by_dataset.setdefault(dataset, []).append(rule)
        return [
            judged for dataset, rules in by_dataset.items() for judged in await self._in_dataset(dataset, rules, today)
        ]

    async def _in_dataset(self, dataset: str, rules: Sequence[Rule], today: date) -> list[Judged]:
        looks = [(rule, at) for rule in rules for at in await self._situations(rule, dataset, today)]
        asked = [rule.asks(at) for rule, at in looks]
        measures = list(dict.fromkeys(each for needs in asked if needs.windows for each in needs.measures))
        windows = list(dict.fromkeys(each for needs in asked for each in needs.windows))
        areas = list(dict.fromkeys(at.on.area for _, at in looks))
        figures = await self._figures(measures, areas, dataset, windows)
        return list(_judged(looks, figures, await self._queries.posted(dataset)))

    async def _figures(
        self, measures: Sequence[Measure], areas: Sequence[Area], dataset: str, windows: Sequence[Window]
    ) -> Mapping[tuple[str, int], _ByWindow]:
        if not measures:
            return {}
        found, _ = await self._queries.figures_by_area(measures, areas, dataset, windows)
        return {key: dict(zip(windows, each, strict=True)) for key, each in found.items()}

    async def _situations(self, rule: Rule, dataset: str, today: date) -> list[Situation]:
        measure = self.measure(rule)
        reached = await self._queries.reached(self._queries.reach_of(measure), dataset, today)
        return [self._situation(Bearing(measure, area, dataset), today, reached) for area in rule.places(self._known)]

    def _situation(self, on: Bearing, today: date, reached: date | None) -> Situation:
        return Situation(on, today, reached, self._known, self._queries.breaks, self._queries.targets)


def _judged(
    looks: Iterable[_Look], figures: Mapping[tuple[str, int], _ByWindow], posted: Indicators
) -> Iterator[Judged]:
    for rule, at in looks:
        asked = rule.asks(at)
        own = {
            (measure.id, window): figures[measure.id, at.on.area.index][window]
            for measure in asked.measures
            for window in asked.windows
        }
        yield from (Judged(rule, at, each) for each in rule.judge(at, Found(own, posted)))
