"""Comparing two figures. Pure, and exact: rounding, half away from zero, is the last step."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from services.metrics.extents import Status
from services.metrics.figures import (
    DECIMALS,
    PROVISIONAL,
    Exact,
    Figure,
    Number,
    exactly,
    half_up,
    lacking,
    merged,
    window_json,
    worst,
)
from services.metrics.periods import Window

__all__ = ["PERCENT", "POINTS", "Comparison", "Figure", "compare", "percent", "window_json"]
POINTS = "points"
PERCENT = "percent"


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """Two figures and their difference, in `change_unit`.

    `percent_change` has one decimal, and is None on a baseline of 0. Percentages differ by percentage points, of one
    decimal: they have no `percent_change`.
    """

    current: Figure
    baseline: Figure
    change: Number | None
    percent_change: float | None
    change_unit: str = ""

    @property
    def status(self) -> Status:
        """That of the figure; `partial` if it is complete and what it is compared with is not."""
        if self.current.status == "complete" and self.baseline.status != "complete":
            return "incomplete" if self.baseline.status == "incomplete" else "partial"
        return self.current.status

    @property
    def is_sound(self) -> bool:
        """Whether nothing is missing but final figures: a period that is not over says nothing of a direction."""
        figures = (self.current, self.baseline)
        gaps = [gap for figure in figures for gap in figure.missing]
        if all(figure.status == "complete" for figure in figures):
            return True
        return bool(gaps) and all(gap.reason == PROVISIONAL for gap in gaps)


def compare(current: Figure, baselines: Sequence[Figure], unit: str = "", decimals: int | None = None) -> Comparison:
    """Compare with one figure, or with the mean of several if each of them has data.

    `unit` is the measure's; `decimals` those of the change, where they are not what the figures make them.
    """
    if len(baselines) == 1 and unit != PERCENT:
        before = baselines[0]
        value, base = current.value, before.value
        if type(value) is int and type(base) is int and base >= 0 and current.exact is None and before.exact is None:
            # What `percent` does, in place: a table compares a thousand counts.
            more = value - base
            if base == 0:
                return Comparison(current, before, more, None, unit)
            tenths = (2000 * abs(more) + base) // (2 * base)
            return Comparison(current, before, more, (tenths if more >= 0 else -tenths) / 10, unit)
    derived = any(each.exact is not None for each in (current, *baselines))
    in_points = unit == PERCENT
    rounding = 1 if in_points or (len(baselines) > 1 and not derived) else DECIMALS
    baseline = baselines[0] if len(baselines) == 1 else _mean(baselines, rounding)
    change_unit = POINTS if in_points else unit
    if current.value is None or baseline.value is None:
        return Comparison(current, baseline, None, None, change_unit)
    change = current.precise - baseline.precise
    shown = half_up(change, rounding if decimals is None else decimals)
    percentage = None if in_points else percent(change, baseline.precise, 1)
    return Comparison(current, baseline, shown, percentage, change_unit)


def percent(change: Number | Fraction, baseline: Number | Fraction, decimals: int) -> float | None:
    """The change as a percentage of the baseline, rounded half away from zero; None on a baseline of 0."""
    if baseline == 0:
        return None
    part, whole = _exact(change), _exact(baseline)
    above, below = part.numerator * whole.denominator, part.denominator * whole.numerator
    scale: int = 10**decimals
    units = (200 * scale * abs(above) + abs(below)) // (2 * abs(below))
    return (units if (above < 0) == (below < 0) else -units) / scale


def _exact(number: Number | Fraction) -> Exact:
    return exactly(number) if isinstance(number, float) else number


def _mean(figures: Sequence[Figure], decimals: int) -> Figure:
    window = Window(min(each.window.first for each in figures), max(each.window.last for each in figures))
    missing = merged(gap for each in figures for gap in each.missing)
    if any(each.value is None for each in figures):
        return Figure(window, None, lacking(figures), missing=missing)
    exact = Fraction(sum(each.precise for each in figures)) / len(figures)
    status = worst(each.status for each in figures)
    return Figure(window, half_up(exact, decimals), status, missing=missing, exact=exact)
