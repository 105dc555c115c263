"""Questions to the counts and the posted figures: compare, series, verdicts. Knows no HTTP; plain data out."""

import asyncio
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import repeat
from typing import Any, NamedTuple

from services.metrics import answers, targets
from services.metrics.answers import NOTES, note
from services.metrics.breaks import Breaks
from services.metrics.comparisons import Comparison, Figure, compare
from services.metrics.evaluation import Evaluation
from services.metrics.evidence import Counted, Facts, closure, posted_under
from services.metrics.extents import months_with_data, reached_by
from services.metrics.indicators import Indicators
from services.metrics.periods import (
    Against,
    Interval,
    Window,
    WindowName,
    baselines,
    intervals,
)
from services.metrics.store import Applied, Reader, Source
from services.metrics.suppression import Suppression, Withheld
from services.metrics.verdicts import verdict_windows
from shared.clock import Clock
from shared.events import Indicator
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.register import Register, read_register
from shared.reference.targets import Target, read_targets
from shared.reference.terms import Area

__all__ = ["CRIMES", "DATASETS", "NOTES", "Queries", "Reach", "note"]
DATASETS = ("live", "demo", "simulated")
"""Where a question that names no dataset is answered from: the first that reaches the days asked for."""


class Reach(NamedTuple):
    """By what it is known which days can be asked for: records of a `kind`, or else figures posted of `indicators`."""

    kind: str
    indicators: frozenset[str] = frozenset()


CRIMES = Reach("crime")


class Queries:
    """Answers from what `reader` reads; the clock says which day is not over yet, `known` what the measures mean.

    `register` and `suppression` are the built-in ones unless given.
    """

    def __init__(
        self,
        reader: Reader,
        clock: Clock,
        known: Reference,
        register: Register | None = None,
        suppression: Suppression | None = None,
    ) -> None:
        self._reader, self._clock = reader, clock
        self._known = known
        self._indicators: dict[str, tuple[Sequence[Indicator], Indicators]] = {}
        self.targets: Mapping[str, Target] = read_targets(self._known.measures, self._known.areas)
        self.breaks = Breaks(register or read_register(known), known)
        self.suppression = suppression or Suppression(known)

    @property
    def today(self) -> date:
        return self._clock.today()

    def reach_of(self, measure: Measure) -> Reach:
        """That of the records it counts, by itself or in what it is computed from; where none is, of what is posted."""
        needed = closure([measure], self._known)
        kind = next((each.of for each in needed if each.of), None)
        return Reach(kind) if kind else Reach("", posted_under(needed))

    async def dataset_for(self, reach: Reach, window: Window | None) -> str:
        """The dataset that answers a question which names none; `live` where none has anything to say."""
        for dataset in DATASETS:
            if await self.reaches(reach, dataset, window):
                return dataset
        return DATASETS[0]

    async def reaches(self, reach: Reach, dataset: str, window: Window | None) -> bool:
        """Whether the dataset holds records in the window's months, or posted figures of it or later.

        Anything at all if there is no window.
        """
        if not reach.kind:
            last = await self._last_posted(reach, dataset)
            return last is not None and (window is None or window.first <= last)
        extent = await self._reader.extent(reach.kind, dataset)
        return extent is not None and (window is None or months_with_data(extent, window) > 0)

    async def last_day(self, reach: Reach, dataset: str) -> date:
        """The last day that the dataset reaches, today at the latest."""
        if not reach.kind:
            return await self._last_posted(reach, dataset) or self.today
        extent = await self._reader.extent(reach.kind, dataset)
        return min(extent.last, self.today) if extent else self.today

    async def reached(self, reach: Reach, dataset: str, today: date) -> date | None:
        """The last day that the dataset reached on `today`, which is not over; None where it held nothing yet."""
        if reach.kind:
            return reached_by(await self._reader.extent(reach.kind, dataset), today)
        posted, _ = await self._posted(dataset)
        return posted.last_day(reach.indicators, today - timedelta(days=1))

    async def posted(self, dataset: str) -> Indicators:
        """The posted figures of the dataset."""
        found, _ = await self._posted(dataset)
        return found

    async def version(self) -> Hashable:
        """Another whenever anything has changed."""
        return await self._reader.version()

    async def stamp(self, measure: Measure, dataset: str) -> Hashable:
        """Another whenever the measure's figures in the dataset may have changed."""
        needed = closure([measure], self._known)
        kinds = sorted({each.of for each in needed if each.of})
        counted = [
            await self._reader.stamp(kind, dataset, [each.id for each in needed if each.of == kind]) for kind in kinds
        ]
        is_posted = any(each.kind == "indicator" for each in needed)
        return tuple(counted), await self._reader.posted_stamp() if is_posted else None

    async def begins(self, reach: Reach, dataset: str) -> date | None:
        """The first day of the first month that the dataset has data for; None where it has none."""
        if not reach.kind:
            posted, _ = await self._posted(dataset)
            return posted.first_day(reach.indicators)
        extent = await self._reader.extent(reach.kind, dataset)
        return extent.first.replace(day=1) if extent else None

    async def _last_posted(self, reach: Reach, dataset: str) -> date | None:
        posted, _ = await self._posted(dataset)
        return posted.last_day(reach.indicators, self.today)

    async def figures(
        self, measures: Sequence[Measure], area: Area, dataset: str, windows: Sequence[Window]
    ) -> tuple[dict[str, list[Figure]], Facts]:
        """Each measure's figures in all windows, for one area."""
        by_area, facts = await self.figures_by_area(measures, [area], dataset, windows)
        return {measure.id: by_area[measure.id, area.index] for measure in measures}, facts

    async def figures_by_area(
        self, measures: Sequence[Measure], areas: Collection[Area], dataset: str, windows: Sequence[Window]
    ) -> tuple[dict[tuple[str, int], list[Figure]], Facts]:
        """The figures of those areas in all windows, by (measure id, area index); measures of any kinds."""
        places = list(areas)
        facts = await self.facts(measures, places, dataset, windows)
        evaluation, indexes = Evaluation(facts, places, windows), [area.index for area in places]
        found: dict[tuple[str, int], list[Figure]] = {}
        for measure in measures:
            by_area = map(list, zip(*evaluation.figures(measure), strict=True))
            found.update(zip(zip(repeat(measure.id), indexes), by_area, strict=True))
        return found, facts

    async def facts(
        self, measures: Sequence[Measure], areas: Sequence[Area], dataset: str, windows: Sequence[Window]
    ) -> Facts:
        """What the measures' figures in those areas and windows are computed from."""
        if not self.suppression.concerns(measures, areas):
            return await self._facts(measures, dataset, windows)
        # Read at once: what is withheld must be judged by the very counts that are told.
        periods = self.suppression.periods(windows)
        both = await self._facts(measures, dataset, [*windows, *periods])
        counted = {kind: replace(each, sums=each.sums[: len(windows)]) for kind, each in both.counted.items()}
        crimes = both.counted["crime"]  # of which every sensitive count is
        sums = dict(zip(periods, crimes.sums[len(windows) :], strict=True))
        withheld = Withheld(self.suppression, crimes.layout, sums, self.today)
        return replace(both, counted=counted, withheld=withheld)

    async def sources(self, kinds: Iterable[str], dataset: str) -> list[tuple[str, Source]]:
        """Whose records of these kinds the dataset holds."""
        found = [(kind, each) for kind in kinds for each in await self._reader.sources(kind)]
        return [(kind, each) for kind, each in found if each.dataset == dataset]

    async def positions(self, kinds: Collection[str]) -> list[Applied]:
        """Up to where records of these kinds have been counted, by partition."""
        return await self._reader.positions(kinds)

    async def _facts(self, measures: Sequence[Measure], dataset: str, windows: Sequence[Window]) -> Facts:
        needed = closure(measures, self._known)
        kinds: list[str] = list(dict.fromkeys(each.of for each in needed if each.of))
        counting = asyncio.gather(*(self._counted(kind, dataset, windows) for kind in kinds))
        if any(each.kind == "indicator" for each in needed):
            counted, (posted, posted_at) = await asyncio.gather(counting, self._posted(dataset))
        else:
            counted, posted, posted_at = await counting, Indicators(), None
        return Facts(self._known, dict(zip(kinds, counted, strict=True)), posted, posted_at, self.today)

    async def _counted(self, kind: str, dataset: str, windows: Sequence[Window]) -> Counted:
        extent, sums = await asyncio.gather(
            self._reader.extent(kind, dataset), self._reader.sums(kind, dataset, windows)
        )
        return Counted(self._reader.layout(kind), extent, sums)

    async def _posted(self, dataset: str) -> tuple[Indicators, str | None]:
        posted, at = await asyncio.gather(self._reader.indicators(dataset), self._reader.applied_at("indicator"))
        if not posted:
            return Indicators(), at
        known = self._indicators.get(dataset)
        if known is None or known[0] is not posted:  # the reader hands out the same list until there is news
            known = self._indicators[dataset] = posted, Indicators(posted)
        return known[1], at

    async def comparison(
        self,
        measure: Measure,
        area: Area,
        dataset: str,
        name: WindowName,
        window: Window,
        against: Against,
        fixed: Window | None = None,
    ) -> tuple[Comparison, str | None]:
        """A measure's figure in `window` against another's, and as of when."""
        windows = [window, *baselines(name, against, window, fixed)]
        figures, facts = await self.figures([measure], area, dataset, windows)
        current, *before = figures[measure.id]
        return compare(current, before, measure.unit), facts.as_of

    async def compare(
        self,
        measure: Measure,
        area: Area,
        dataset: str,
        name: WindowName,
        window: Window,
        against: Against,
        fixed: Window | None = None,
    ) -> dict[str, Any]:
        """The answer of /v1/compare."""
        comparison, as_of = await self.comparison(measure, area, dataset, name, window, against, fixed)
        shown = answers.comparison_json(comparison, measure, {})
        return {**answers.named(measure, area, dataset), **shown, "as_of": as_of, **note(dataset)}

    async def compare_with_target(
        self, measure: Measure, target: Target, area: Area, dataset: str, window: Window
    ) -> dict[str, Any]:
        """The answer of /v1/compare against what the target asks for at the window's end; the change is the gap."""
        start = targets.baseline_window(target)
        found, facts = await self.figures([measure], area, dataset, [window, *filter(None, [start])])
        current, *before = found[measure.id]
        baseline = before[0] if before else None
        asked = targets.target_figure(target, baseline, window)
        comparison = compare(current, [asked], measure.unit, targets.DECIMALS)
        said = {"target": targets.target_json(target, baseline, window)}
        shown = answers.comparison_json(comparison, measure, said)
        shown["on_track"] = targets.on_track(comparison, measure.good)
        return {**answers.named(measure, area, dataset), **shown, "as_of": facts.as_of, **note(dataset)}

    async def verdicts(self, measure: Measure, area: Area, dataset: str, quarter: Window) -> dict[str, Any]:
        """The answer of /v1/verdicts: the quarter against the one before, and 12 months against the 12 before."""
        found, facts = await self.figures([measure], area, dataset, verdict_windows(quarter))
        now, before, long, long_before = found[measure.id]
        both = {
            "last_quarter": compare(now, [before], measure.unit),
            "long_term": compare(long, [long_before], measure.unit),
        }
        shown = {name: answers.comparison_json(each, measure, {}) for name, each in both.items()}
        named = {**answers.named(measure, area, dataset), "title": measure.title, "good": measure.good}
        return {**named, **shown, "as_of": facts.as_of, **note(dataset)}

    async def series(
        self, measure: Measure, area: Area, dataset: str, span: Window, interval: Interval
    ) -> dict[str, Any]:
        """The answer of /v1/series: a point an interval."""
        windows = intervals(span.first, span.last, interval)
        found, _ = await self.figures([measure], area, dataset, windows)
        named = {**answers.named(measure, area, dataset), "unit": measure.unit, "interval": interval}
        return {**named, **answers.series_json(found[measure.id]), **note(dataset)}
