"""Whether a comparison is good news: improving, worsening, no change, neither way better, not known. Pure."""

from typing import Literal

from services.metrics.comparisons import Comparison

Verdict = Literal["improving", "worsening", "no change", "neither", "not known"]


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
