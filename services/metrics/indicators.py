"""Figures that are posted, not counted: which of them answers for a window. Pure."""

from collections.abc import Sequence

from services.metrics.comparisons import Figure
from services.metrics.periods import Window
from shared.events import Indicator
from shared.events.periods import parse_period


def indicator_figure(posted: Sequence[Indicator], indicator: str, area: str, window: Window) -> Figure:
    """The figure for the latest period that ends within `window`, of the whole population; `no-data` if none does."""
    fitting = [
        each
        for each in posted
        if each.indicator == indicator
        and each.area == area
        and not each.breakdown
        and window.first <= parse_period(each.period)[1] <= window.last
    ]
    if not fitting:
        return Figure(window, None, "no-data")
    latest = max(fitting, key=lambda each: parse_period(each.period)[1])
    return Figure(window, latest.value, "complete" if latest.status == "final" else "partial")
