"""Every measure in Prometheus by itself: London's last twelve whole months."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Final

from services.metrics.figures import Figure
from services.metrics.periods import Window, window_ending
from services.metrics.queries import CRIMES, DATASETS, Queries, Reach
from services.metrics.telemetry import MEASURE, MEASURE_COMPLETE
from shared.reference import Reference
from shared.reference.measures import Measure

WINDOW: Final = "12m"
_Labels = tuple[str, str, str, str]


class Gauges:
    """Keeps the gauge of measures at what `queries` answers. What has no data has no sample: it is not zero."""

    def __init__(self, queries: Queries, reference: Reference) -> None:
        self._queries = queries
        (self._london,) = (area for area in reference.areas if area.is_region)
        self._by_reach: dict[Reach, list[Measure]] = defaultdict(list)
        for measure in reference.measures:
            reach = queries.reach_of(measure)
            # All that is posted is shown to where crimes reach, in one question.
            self._by_reach[reach if reach.kind else CRIMES].append(measure)
        self._shown: set[_Labels] = set()

    async def refresh(self) -> None:
        """Set every sample, and drop those that have no data any more. Raises Unavailable, and leaves all as it is."""
        found: dict[_Labels, Figure] = {}
        for dataset in DATASETS:
            for reach in self._by_reach:
                found |= await self._samples(reach, dataset)
        for gone in self._shown - found.keys():
            MEASURE.remove(*gone)
            MEASURE_COMPLETE.remove(*gone)
        for labels, figure in found.items():
            MEASURE.labels(*labels).set(figure.value or 0)
            MEASURE_COMPLETE.labels(*labels).set(figure.status == "complete")
        self._shown = set(found)

    async def _samples(self, reach: Reach, dataset: str) -> dict[_Labels, Figure]:
        measures = self._by_reach[reach]
        window = whole_months(await self._queries.last_day(reach, dataset), self._queries.today)
        found, _ = await self._queries.figures(measures, self._london, dataset, [window])
        figures = {measure.id: found[measure.id][0] for measure in measures}
        return {
            (measure, self._london.id, dataset, WINDOW): figure
            for measure, figure in figures.items()
            if figure.value is not None
        }


def whole_months(last: date, today: date) -> Window:
    """The twelve months that end with the latest whole month which is over and has data to its end."""
    after = min(last + timedelta(days=1), today)
    return window_ending(WINDOW, after.replace(day=1) - timedelta(days=1))
