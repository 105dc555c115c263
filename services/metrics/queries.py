"""Questions to the counts: compare, series. Parses nothing and knows no HTTP; plain data out."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from services.metrics.comparisons import Comparison, Figure, compare, window_json
from services.metrics.extents import Extent, Status, is_unknowable, months_with_data, status_of
from services.metrics.indicators import indicator_figure
from services.metrics.periods import Against, Interval, Window, WindowName, baselines, intervals
from services.metrics.store import Reader
from shared.clock import Clock
from shared.reference.measures import Measure
from shared.reference.terms import Area

DATASETS = ("live", "demo", "simulated")
"""Where a question that names no dataset is answered from: the first that reaches the days asked for."""
NOTES = {
    "demo": "Demonstration: figures fitted to what the report for 2017-18 quarter 1 prints, not recorded crime.",
    "simulated": "Simulated: made by a random generator, not recorded crime or calls.",
}


class Queries:
    """Answers from what `reader` reads; the clock says which day is not over yet."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader, self._clock = reader, clock

    @property
    def today(self) -> date:
        return self._clock.today()

    async def dataset_for(self, kind: str, window: Window | None) -> str:
        """The dataset that answers a question which names none; `live` where none has anything to say."""
        for dataset in DATASETS:
            extent = await self._reader.extent(kind, dataset)
            if extent and (window is None or months_with_data(extent, window)):
                return dataset
        return DATASETS[0]

    async def last_day(self, kind: str, dataset: str) -> date:
        """The last day that the dataset reaches, today at the latest."""
        extent = await self._reader.extent(kind, dataset)
        return min(extent.last, self.today) if extent else self.today

    async def figures(
        self, measures: Sequence[Measure], area: Area, dataset: str, windows: Sequence[Window]
    ) -> tuple[dict[str, list[Figure]], Extent | None]:
        """Each measure's figures in all windows, for one area; the measures are of one kind of record."""
        by_area, extent = await self.figures_by_area(measures, [area], dataset, windows)
        return {measure.id: by_area[measure.id, area.index] for measure in measures}, extent

    async def figures_by_area(
        self, measures: Sequence[Measure], areas: Collection[Area], dataset: str, windows: Sequence[Window]
    ) -> tuple[dict[tuple[str, int], list[Figure]], Extent | None]:
        """The figures of those areas in all windows, by (measure id, area index)."""
        kind = str(measures[0].of)
        layout = self._reader.layout(kind)
        extent = await self._reader.extent(kind, dataset)
        sums = await self._reader.sums(kind, dataset, windows)
        found = {}
        for measure in measures:
            presupposed = layout.presupposed[measure.id]
            statuses = [status_of(extent, measure.id, window, self.today, presupposed) for window in windows]
            column = layout.places[measure.id]
            for area in areas:
                cells = zip(windows, statuses, sums, strict=True)
                found[measure.id, area.index] = [
                    _figure(extent, window, status, int(counts[area.index, column])) for window, status, counts in cells
                ]
        return found, extent

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
        return {
            "measure": measure.id,
            "area": area.id,
            "dataset": dataset,
            "window": window_json(window),
            "value": comparison.current.value,
            "baseline": {
                **window_json(comparison.baseline.window),
                "value": comparison.baseline.value,
                "status": comparison.baseline.status,
            },
            "change": comparison.change,
            "percent_change": comparison.percent_change,
            "status": comparison.status,
            "as_of": as_of,
            **note(dataset),
        }

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
        if measure.kind == "indicator":
            posted = await self._reader.indicators(dataset)
            figures = [indicator_figure(posted, measure.id, area.id, each) for each in windows]
            return compare(figures[0], figures[1:]), await self._reader.applied_at("indicator")
        by_measure, extent = await self.figures([measure], area, dataset, windows)
        found = by_measure[measure.id]
        return compare(found[0], found[1:]), extent.as_of if extent else None

    async def series(
        self, measure: Measure, area: Area, dataset: str, span: Window, interval: Interval
    ) -> dict[str, Any]:
        """The answer of /v1/series: a point an interval, its value null where there is no data."""
        windows = intervals(span.first, span.last, interval)
        if measure.kind == "indicator":
            posted = await self._reader.indicators(dataset)
            figures = [indicator_figure(posted, measure.id, area.id, each) for each in windows]
        else:
            by_measure, _ = await self.figures([measure], area, dataset, windows)
            figures = by_measure[measure.id]
        points = [{**window_json(each.window), "value": each.value, "status": each.status} for each in figures]
        answer = {"measure": measure.id, "area": area.id, "dataset": dataset, "interval": interval}
        return {**answer, "points": points, **note(dataset)}


def _figure(extent: Extent | None, window: Window, status: Status, count: int) -> Figure:
    if status == "no-data" or (count == 0 and is_unknowable(extent, window)):
        return Figure(window, None, "no-data")
    return Figure(window, count, status)


def note(dataset: str) -> dict[str, str]:
    """`{note}` for a dataset that is not of real records; `simulated-7` is simulated as `simulated` is."""
    kind = dataset.partition("-")[0]
    return {"note": NOTES[kind]} if kind in NOTES else {}
