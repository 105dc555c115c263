"""The figures of measures of every kind, from counts and posted figures. Pure.

A count is a column of the sums, a percentile a run of columns, an indicator what was posted; a rate and a difference
are computed from the figures of other measures, area by area.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.metrics.coverage import gaps_of
from services.metrics.evidence import Counted, Facts, operands
from services.metrics.extents import Status, is_unknowable, status_of
from services.metrics.figures import DECIMALS, Exact, Figure, Gap, Number, exactly, half_up, lacking, merged, worst
from services.metrics.periods import Window
from services.metrics.suppression import Withheld
from shared.reference.measures import Measure
from shared.reference.seconds import quantile
from shared.reference.terms import Area

ByArea = list[Figure]


class Evaluation:
    """Figures by measure, window and area, for some areas and windows; each measure is evaluated once."""

    def __init__(self, facts: Facts, areas: Sequence[Area], windows: Sequence[Window]) -> None:
        self._facts, self._areas, self._windows = facts, areas, windows
        self._rows = np.array([area.index for area in areas], dtype=np.intp)
        self._found: dict[str, list[ByArea]] = {}
        self._known: dict[tuple[Any, ...], tuple[Status, tuple[Gap, ...]]] = {}

    def figures(self, measure: Measure) -> list[ByArea]:
        """For each window the figure of each area."""
        found = self._found.get(measure.id)
        if found is None:
            found = self._found[measure.id] = self._evaluated(measure)
        return found

    def _evaluated(self, measure: Measure) -> list[ByArea]:
        match measure.kind:
            case "count":
                column = self._counted(measure).layout.places[measure.id]
                return self._counts(measure, lambda sums: sums[self._rows, column].tolist())
            case "percentile":
                columns, at = self._counted(measure).layout.histograms[measure.id], measure.quantile or 0.0
                return self._counts(measure, lambda sums: _quantiles(sums[self._rows, columns], at))
            case "rate":
                return self._derived(measure, lambda above, below: _ratio(above, below, measure.per))
            case "difference":
                return self._derived(measure, lambda minuend, subtrahend: minuend - subtrahend)
            case _:
                return [[self._posted(measure, area, window) for area in self._areas] for window in self._windows]

    def _counted(self, measure: Measure) -> Counted:
        return self._facts.counted[str(measure.of)]

    def _counts(self, measure: Measure, values: Callable[[NDArray[np.int64]], list[Any]]) -> list[ByArea]:
        found = self._unguarded(measure, values)
        withheld = self._facts.withheld
        return self._guarded(measure, withheld, found) if withheld and withheld.is_sensitive(measure) else found

    def _guarded(self, measure: Measure, withheld: Withheld, found: list[ByArea]) -> list[ByArea]:
        """The figures without those that are not published."""
        guarded = []
        for number, (window, by_area) in enumerate(zip(self._windows, found, strict=True)):
            # That the dataset has no data for those days is told; that a single area has none would tell of a zero.
            status, _ = self._rests_on(measure, self._counted(measure), number)
            hidden, reason = withheld.mask(measure, window)
            blank = Figure(window, None, "suppressed", missing=(Gap(*window, reason, measure.id),))
            hides = (hidden[self._rows] & (status != "no-data")).tolist()
            guarded.append([blank if is_hidden else each for each, is_hidden in zip(by_area, hides, strict=True)])
        return guarded

    def _unguarded(self, measure: Measure, values: Callable[[NDArray[np.int64]], list[Any]]) -> list[ByArea]:
        counted, found = self._counted(measure), []
        for number, (window, sums) in enumerate(zip(self._windows, counted.sums, strict=True)):
            status, gaps = self._rests_on(measure, counted, number)
            if status == "no-data":
                found.append([Figure(window, None, status, missing=gaps)] * len(self._areas))
            elif measure.kind == "count" and (status == "complete" or not is_unknowable(counted.extent, window)):
                stated = repeat(window), values(sums), repeat(status), repeat(()), repeat(gaps)
                found.append(list(map(Figure, *stated)))
            else:
                unknown = (None, 0) if is_unknowable(counted.extent, window) else (None,)
                found.append([_figure(window, value, status, gaps, unknown) for value in values(sums)])
        return found

    def _rests_on(self, measure: Measure, counted: Counted, number: int) -> tuple[Status, tuple[Gap, ...]]:
        """A figure's status in a window, and what is missing: the same for all measures first counted on one day."""
        extent, window, today = counted.extent, self._windows[number], self._facts.today
        presupposed = counted.layout.presupposed.get(measure.id, ())
        begins = tuple(extent.measured_from.get(each) for each in (measure.id, *presupposed)) if extent else ()
        known = self._known.get((measure.of, number, begins))
        if known is None:
            status = status_of(extent, measure.id, window, today, presupposed)
            known = status, gaps_of(extent, measure.id, window, status, today)
            self._known[measure.of, number, begins] = known
        status, gaps = known
        return status, tuple(gap._replace(measure=measure.id) for gap in gaps) if gaps else gaps

    def _derived(self, measure: Measure, value: Callable[[Exact, Exact], Exact | None]) -> list[ByArea]:
        first, second = (self._facts.reference.measures.resolve(each) for each in operands(measure))
        return [
            [_computed(measure, pair, value) for pair in zip(*sides, strict=True)]
            for sides in zip(self.figures(first), self.figures(second), strict=True)
        ]

    def _posted(self, measure: Measure, area: Area, window: Window) -> Figure:
        figure = self._facts.posted.figure(measure, area.id, window)
        if figure.value is None and measure.default == "area-population":
            population = self._population(area)
            return figure if population is None else Figure(window, population, "complete")
        return figure

    def _population(self, area: Area) -> int | None:
        if not area.is_region:
            return area.population_2015
        return sum(each.population_2015 or 0 for each in self._facts.reference.areas)


def _figure(window: Window, value: Any, status: Status, gaps: tuple[Gap, ...], unknown: tuple[Any, ...]) -> Figure:
    if value in unknown:
        return Figure(window, None, "no-data", missing=gaps)
    return Figure(window, value, status, missing=gaps)


def _quantiles(counts: NDArray[np.int64], at: float) -> list[Number | None]:
    found = (quantile(row, at) for row in counts.tolist())
    return [None if each is None else half_up(exactly(each), 1) for each in found]


def _ratio(above: Exact, below: Exact, per: int) -> Exact | None:
    return Fraction(above) * per / below if below else None


def _computed(measure: Measure, pair: tuple[Figure, ...], value: Callable[[Exact, Exact], Exact | None]) -> Figure:
    first, second = pair
    parts = tuple(zip(operands(measure), (each.value for each in pair), strict=True))
    missing = merged((*first.missing, *second.missing))
    known = first.value is not None and second.value is not None
    exact = value(first.precise, second.precise) if known else None
    if exact is None:
        return Figure(first.window, None, lacking(pair), parts, missing)
    status = worst((first.status, second.status))
    fraction = exact if isinstance(exact, Fraction) else None
    return Figure(first.window, half_up(exact, DECIMALS), status, parts, missing, fraction)
