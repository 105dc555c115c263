"""What is withheld of sensitive measures, from their counts in every area. Pure."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import numpy as np

from services.metrics.layout import Layout
from services.metrics.periods import Window
from services.metrics.rows import Array
from services.metrics.suppression.periods import whole_periods
from services.metrics.suppression.rule import Suppression
from services.metrics.suppression.secondary import Counts, Mask
from services.metrics.suppression.settling import Settling
from shared.reference.measures import Measure

OTHER_DAYS = "of a part of London, told for whole {period}s that are over alone"
SMALL = "suppressed: a small count, or one from which another area's could be worked out"


class Withheld:
    """Answers for one dataset: `sums` are its counts, areas by columns, in each of the rule's periods."""

    def __init__(self, suppression: Suppression, layout: Layout, sums: Mapping[Window, Array], today: date) -> None:
        self._suppression, self._layout = suppression, layout
        self._sums, self._today = sums, today
        self._parts: Array = np.arange(layout.rows) != suppression.region

    def is_sensitive(self, measure: Measure) -> bool:
        return measure.id in self._suppression.sensitive

    def mask(self, measure: Measure, window: Window) -> tuple[Mask, str]:
        """By area's index: whether the sensitive count in that window is withheld; and what is said of it."""
        periods = whole_periods(window, self._suppression.rule.period)
        if not periods or periods[-1].last >= self._today:
            return self._parts, OTHER_DAYS.format(period=self._suppression.rule.period)
        return np.logical_or.reduce([self._of_period(measure, each) for each in periods]), SMALL

    def _of_period(self, measure: Measure, period: Window) -> Mask:
        columns = [self._layout.places[each] for each in self._suppression.needed]
        counts: Counts = self._sums[period][self._parts][:, columns].astype(np.int64)
        found = np.zeros(self._layout.rows, bool)
        found[self._parts] = _masks(self._suppression, counts.tobytes())[self._suppression.first(measure.id)]
        return found


# Periods that are over hardly change, and every question asks about the same ones.
@lru_cache(maxsize=512)
def _masks(suppression: Suppression, counts: bytes) -> Mapping[str, Mask]:
    by_area = np.frombuffer(counts, np.int64).reshape(-1, len(suppression.needed))
    return Settling(suppression, dict(zip(suppression.needed, by_area.T, strict=True)).__getitem__).masks()
