"""Comparing two figures, and saying what a figure rests on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.metrics.extents import Status
from services.metrics.periods import Window

Number = int | float
_GRAVITY: tuple[Status, ...] = ("complete", "partial", "incomplete", "no-data")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's value in a window. `value` is None exactly when the status is `no-data`, which is not zero."""

    window: Window
    value: Number | None
    status: Status


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two figures and their difference; `percent_change` has one decimal, and is None on a baseline of 0."""

    current: Figure
    baseline: Figure
    change: Number | None
    percent_change: float | None

    @property
    def status(self) -> Status:
        """That of the figure; `partial` if it is complete and what it is compared with is not."""
        if self.current.status == "complete" and self.baseline.status != "complete":
            return "incomplete" if self.baseline.status == "incomplete" else "partial"
        return self.current.status


def compare(current: Figure, baselines: Sequence[Figure]) -> Comparison:
    """Compare with one figure, or with the mean of several if each of them has data."""
    baseline = baselines[0] if len(baselines) == 1 else _mean(baselines)
    if current.value is None or baseline.value is None:
        return Comparison(current, baseline, None, None)
    change = _plain(Decimal(str(current.value)) - Decimal(str(baseline.value)))
    return Comparison(current, baseline, change, percent(change, baseline.value, decimals=1))


def percent(change: Number, baseline: Number, decimals: int) -> float | None:
    """The change as a percentage of the baseline, rounded half away from zero; None on a baseline of 0."""
    if baseline == 0:
        return None
    exact = Decimal(str(change)) * 100 / Decimal(str(baseline))
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0  # no minus zero


def _mean(figures: Sequence[Figure]) -> Figure:
    window = Window(min(each.window.first for each in figures), max(each.window.last for each in figures))
    values = [each.value for each in figures if each.value is not None]
    if len(values) < len(figures):
        return Figure(window, None, "no-data")
    worst = max((each.status for each in figures), key=_GRAVITY.index)
    exact = Decimal(str(sum(values))) / len(values)
    return Figure(window, _plain(exact.quantize(Decimal("0.1"), ROUND_HALF_UP)), worst)


def _plain(exact: Decimal) -> Number:
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def window_json(window: Window) -> dict[str, Any]:
    """`{from, to}`."""
    return {"from": window.first.isoformat(), "to": window.last.isoformat()}
