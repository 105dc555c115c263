"""What is withheld of sensitive measures, from their counts in every area. Pure."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from services.metrics.layout import Layout
from services.metrics.periods import Window
from services.metrics.rows import Array
from services.metrics.suppression.periods import whole_periods
from services.metrics.suppression.rule import Suppression
from services.metrics.suppression.secondary import Counts, Mask, withheld
from shared.reference import Reference
from shared.reference.measures import Measure

OTHER_DAYS = "of a part of London, told for whole {period}s that are over alone"
SMALL = "suppressed: a small count, or one from which another area's could be worked out"


class Withheld:
    """Answers for one dataset: `sums` are its counts, areas by columns, in each of the rule's periods."""

    def __init__(
        self, suppression: Suppression, known: Reference, layout: Layout, sums: Mapping[Window, Array], today: date
    ) -> None:
        self._suppression, self._known, self._layout = suppression, known, layout
        self._sums, self._today = sums, today
        self._parts: Array = np.arange(layout.rows) != suppression.region
        self._known_masks: dict[tuple[str, Window], Mask] = {}

    def is_sensitive(self, measure: Measure) -> bool:
        return measure.id in self._suppression.sensitive

    def mask(self, measure: Measure, window: Window) -> tuple[Mask, str]:
        """By area's index: whether the sensitive count in that window is withheld; and what is said of it."""
        periods = whole_periods(window, self._suppression.rule.period)
        if not periods or periods[-1].last >= self._today:
            return self._parts, OTHER_DAYS.format(period=self._suppression.rule.period)
        return np.logical_or.reduce([self._of_period(measure, each) for each in periods]), SMALL

    def _of_period(self, measure: Measure, period: Window) -> Mask:
        key = measure.id, period
        if key not in self._known_masks:
            self._known_masks[key] = self._masked(measure, period)
        return self._known_masks[key]

    def _masked(self, measure: Measure, period: Window) -> Mask:
        nest, counts = self._suppression.nest(measure), self._counts(measure.id, period)
        # An area's count can be no more than London's.
        caps = np.minimum.reduce(
            [np.full_like(counts, counts.sum()), *(self._counts(each, period) for each in nest.outer)]
        )
        floors = np.maximum.reduce([np.zeros_like(counts), *(self._counts(each, period) for each in nest.inner)])
        seed = np.zeros(len(counts), bool)
        for outer in nest.sensitive:
            hidden = self._of_period(self._known.measures.resolve(outer), period)[self._parts]
            # What is withheld of the whole must not show in its parts; what is told of it is the most they can be.
            seed |= hidden
            caps = np.where(hidden, caps, np.minimum(caps, self._counts(outer, period)))
        found = np.zeros(self._layout.rows, bool)
        found[self._parts] = withheld(counts, floors, caps, seed, self._suppression.rule.below)
        return found

    def _counts(self, measure: str, period: Window) -> Counts:
        column: Counts = self._sums[period][self._parts, self._layout.places[measure]]
        return column
