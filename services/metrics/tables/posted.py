"""Which posted figure a table shows: one indicator, area and breakdown, at a day. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from services.metrics.extents import Status
from services.metrics.periods import Window
from services.metrics.tables.exact import Number, exact, plain
from shared.events import Indicator
from shared.events.periods import parse_period

NO_BREAKDOWN: Mapping[str, str] = {}
_Key = tuple[str, str, frozenset[tuple[str, str]]]


@lru_cache(4096)
def _days(period: str) -> Window:
    return Window(*parse_period(period))


class Posted:
    """Posted figures, found by indicator, area and breakdown. Of two of one period, the higher revision stands."""

    def __init__(self, figures: Iterable[Indicator]) -> None:
        self._by_key: dict[_Key, dict[Window, Indicator]] = defaultdict(dict)
        for each in figures:
            found = self._by_key[each.indicator, each.area, frozenset(each.breakdown.items())]
            period = _days(each.period)
            if period not in found or found[period].revision < each.revision:
                found[period] = each

    def at(
        self, indicator: str, area: str, window: Window, breakdown: Mapping[str, str] = NO_BREAKDOWN
    ) -> Indicator | None:
        """That of the latest period which ends in the window, else of the shortest that holds the window's last day.

        A year's budget is posted for the year, which ends after the quarter that is reported.
        """
        periods = self._of(indicator, area, breakdown)
        if ended := [each for each in periods if window.first <= each.last <= window.last]:
            # Of two that end on one day, the shorter is the newer news.
            return periods[max(ended, key=lambda each: (each.last, each.first))]
        holding = [each for each in periods if each.first <= window.last <= each.last]
        return periods[min(holding, key=lambda each: each.days)] if holding else None

    def of_period(
        self, indicator: str, area: str, period: Window, breakdown: Mapping[str, str] = NO_BREAKDOWN
    ) -> Indicator | None:
        """That of exactly these days."""
        return self._of(indicator, area, breakdown).get(period)

    def breakdowns(self, indicator: str, area: str, names: Iterable[str]) -> list[dict[str, str]]:
        """Every breakdown by exactly these names that was posted, in no order that means anything but the same."""
        wanted = set(names)
        keys = [key for key in self._by_key if key[:2] == (indicator, area)]
        found = [dict(key[2]) for key in keys if {name for name, _ in key[2]} == wanted]
        return sorted(found, key=lambda each: sorted(each.items()))

    def _of(self, indicator: str, area: str, breakdown: Mapping[str, str]) -> Mapping[Window, Indicator]:
        return self._by_key.get((indicator, area, frozenset(breakdown.items())), {})


def value_of(figure: Indicator | None) -> Number | None:
    """Its value, a whole number as such."""
    return plain(exact(figure.value)) if figure else None


def status_of(figures: Iterable[Indicator | None]) -> Status:
    """`no-data` where nothing was posted, `partial` where something is missing or provisional."""
    found = list(figures)
    if not any(found):
        return "no-data"
    return "complete" if all(each and each.status == "final" for each in found) else "partial"
