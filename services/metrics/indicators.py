"""Figures that are posted, not counted: which of them answers for a window. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from services.metrics.extents import Status
from services.metrics.figures import DECIMALS, PROVISIONAL, Exact, Figure, Gap, exactly, half_up, merged
from services.metrics.periods import Window, is_month_end, months_of
from shared.events import Indicator
from shared.events.periods import parse_period
from shared.reference.measures import Measure

NOT_POSTED = "not posted"
_DAY = timedelta(days=1)


class Posted(NamedTuple):
    """A posted value and the days that it is for."""

    window: Window
    value: int | float
    is_final: bool


@lru_cache(4096)
def _window(period: str) -> Window:
    return Window(*parse_period(period))


class Indicators:
    """Posted figures by indicator, area and breakdown."""

    def __init__(self, posted: Iterable[Indicator] = ()) -> None:
        self._series: dict[tuple[str, str, frozenset[tuple[str, str]]], dict[Window, tuple[int, Posted]]]
        self._series = defaultdict(dict)
        for each in posted:
            self._add(each)

    def _add(self, each: Indicator) -> None:
        series = self._series[each.indicator, each.area, frozenset(each.breakdown.items())]
        window = _window(each.period)
        known = series.get(window)
        if known is None or known[0] < each.revision:  # two sources may post one figure
            value = int(each.value) if each.value == int(each.value) else each.value
            series[window] = each.revision, Posted(window, value, each.status == "final")

    def figure(self, measure: Measure, area: str, window: Window) -> Figure:
        """The figure of an indicator in one area; `no-data` where nothing posted answers for the window."""
        found = self.answering(measure, area, window)
        if measure.over in ("sum", "mean"):
            return _combined(measure, found, window)
        return _latest(measure, found, window)

    def answering(self, measure: Measure, area: str, window: Window) -> list[Posted]:
        """The posted values that answer for the window: all that are added up or averaged, or the latest alone."""
        key = measure.indicator or measure.id, area, frozenset(measure.breakdown.items())
        series = [posted for _, posted in self._series[key].values()] if key in self._series else []
        match measure.over:
            case "sum" | "mean":
                return tiling([each for each in series if _lies_within(each.window, window)])
            case "standing":
                fitting = [each for each in series if each.window.last <= window.last]
            case _:
                fitting = [each for each in series if window.first <= each.window.last <= window.last]
        # Of several that end on one day, the longest that lies in the window: a year's figure for a year.
        return sorted(fitting, key=lambda each: (each.window.last, *_aptness(each.window, window)))[-1:]

    def groups(self, indicator: str, area: str, breakdown: str) -> list[str]:
        """The groups that an indicator was posted for by this breakdown alone, by name."""
        keys = [key for key in self._series if key[:2] == (indicator, area)]
        found = [dict(each) for _, _, each in keys]
        return sorted(each[breakdown] for each in found if each.keys() == {breakdown})

    def last_day(self, indicators: Collection[str], today: date) -> date | None:
        """The last day of the latest period of any of them that is over."""
        series = (windows for (indicator, _, _), windows in self._series.items() if indicator in indicators)
        return max((window.last for windows in series for window in windows if window.last <= today), default=None)

    def first_day(self, indicators: Collection[str]) -> date | None:
        """The first day of the earliest period of any of them."""
        series = (windows for (indicator, _, _), windows in self._series.items() if indicator in indicators)
        return min((window.first for windows in series for window in windows), default=None)


def tiling(posted: Sequence[Posted]) -> list[Posted]:
    """Of figures whose periods may overlap, those that follow each other and hold the most days; of equals, fewest."""
    ordered = sorted(posted, key=lambda each: (each.window.last, each.window.first))
    ends = [each.window.last for each in ordered]
    best: list[tuple[int, int]] = [(0, 0)]  # days held, less figures used, by how many of `ordered` may be used
    chosen: list[int | None] = [None]
    for number, each in enumerate(ordered):
        before = bisect_left(ends, each.window.first)
        taken = best[before][0] + each.window.days, best[before][1] - 1
        best.append(max(taken, best[number]))
        chosen.append(before if taken > best[number] else None)
    return _traced(ordered, chosen)


def _traced(ordered: Sequence[Posted], chosen: Sequence[int | None]) -> list[Posted]:
    found, at = [], len(ordered)
    while at:
        before = chosen[at]
        if before is None:
            at -= 1
        else:
            found.append(ordered[at - 1])
            at = before
    return found[::-1]


def _latest(measure: Measure, fitting: Sequence[Posted], window: Window) -> Figure:
    if not fitting:
        return _nothing(measure, window)
    (best,) = fitting
    missing = () if best.is_final else (Gap(*best.window, PROVISIONAL, measure.id),)
    return Figure(window, best.value, "partial" if missing else "complete", missing=missing)


def _aptness(period: Window, window: Window) -> tuple[bool, int]:
    within = _lies_within(period, window)
    return within, period.days if within else -period.days


def _combined(measure: Measure, tiles: Sequence[Posted], window: Window) -> Figure:
    if not tiles:
        return _nothing(measure, window)
    exact = _mean(tiles) if measure.over == "mean" else sum((exactly(each.value) for each in tiles), start=0)
    gaps = [Gap(*each, NOT_POSTED, measure.id) for each in _untiled(tiles, window)]
    gaps += [Gap(*each.window, PROVISIONAL, measure.id) for each in tiles if not each.is_final]
    status: Status = "partial" if gaps else "complete"
    fraction = exact if isinstance(exact, Fraction) else None
    return Figure(window, half_up(exact, DECIMALS), status, missing=merged(gaps), exact=fraction)


def _mean(tiles: Sequence[Posted]) -> Exact:
    """Each month weighs the same, however many days it has."""
    weights = weights_of(tiles)
    total = sum(exactly(each.value) * weight for each, weight in zip(tiles, weights, strict=True))
    return Fraction(total) / sum(weights)


def weights_of(tiles: Sequence[Posted]) -> list[int]:
    """What each weighs in their mean: its months, or its days where one of them is not of whole months."""
    by_months = all(_is_whole_months(each.window) for each in tiles)
    return [len(months_of(each.window)) if by_months else each.window.days for each in tiles]


def _is_whole_months(window: Window) -> bool:
    return window.first.day == 1 and is_month_end(window.last)


def _untiled(tiles: Sequence[Posted], window: Window) -> Iterator[Window]:
    day = window.first
    for each in tiles:
        if day < each.window.first:
            yield Window(day, each.window.first - _DAY)
        day = each.window.last + _DAY
    if day <= window.last:
        yield Window(day, window.last)


def _lies_within(period: Window, window: Window) -> bool:
    return window.first <= period.first and period.last <= window.last


def _nothing(measure: Measure, window: Window) -> Figure:
    return Figure(window, None, "no-data", missing=(Gap(*window, NOT_POSTED, measure.id),))
