"""Whether a comparison is good news: improving, worsening, no change, neither way better, not known. Pure."""

from typing import Literal

from services.metrics.comparisons import Comparison
from services.metrics.periods import Window, period_before, window_ending

Verdict = Literal["improving", "worsening", "no change", "neither", "not known"]


def verdict_windows(quarter: Window) -> list[Window]:
    """The days of the two verdicts: the quarter and the one before it, 12 months and the 12 before them."""
    year = window_ending("12m", quarter.last)
    return [quarter, period_before("quarter", quarter), year, period_before("12m", year)]


def verdict(comparison: Comparison, good: Literal["up", "down", "neither"]) -> Verdict:
    """What the change means where `good` is the better way.

    `not known` where a figure has no data or lacks days that the other has: a quarter that is not over is always
    lower. A provisional figure is judged. `no change` where the change that is shown is 0.
    """
    if comparison.change is None or not comparison.is_sound:
        return "not known"
    if comparison.change == 0:
        return "no change"
    if good == "neither":
        return "neither"
    return "improving" if (comparison.change > 0) == (good == "up") else "worsening"
