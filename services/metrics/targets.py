"""What a target asks for on a day, and whether a value is on track for it. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec

from services.metrics.comparisons import Comparison
from services.metrics.figures import Exact, Figure, exactly, half_up, lacking
from services.metrics.periods import Window
from shared.reference.targets import Target

DECIMALS = 1


def baseline_window(target: Target) -> Window | None:
    """The days whose value the target starts from; None for one that needs no such value."""
    if target.baseline is None or (target.percent is None and target.trajectory == "final"):
        return None
    return Window(target.baseline.first, target.baseline.last)


def target_windows(target: Target, window: Window) -> list[Window]:
    """The days of a comparison in `window` with the target: those, and the days that the target starts from."""
    start = baseline_window(target)
    return [window, start] if start else [window]


def final_value(target: Target, baseline_value: Exact | None) -> Exact | None:
    """What is to be reached; None where that depends on a baseline of which there is no data."""
    if target.value is not None:
        return _whole(target.value)
    if baseline_value is None:
        return None
    return baseline_value * (1 + Fraction(str(target.percent)) / 100)


def expected(target: Target, baseline_value: Exact | Decimal | None, on: date) -> Decimal | None:
    """The target's value on a day, to 28 digits; None where it depends on a baseline of which there is no data."""
    start = Fraction(baseline_value) if baseline_value is not None else None
    exact = trajectory_value(target, start, on)
    return None if exact is None else Decimal(exact.numerator) / Decimal(exact.denominator)


def trajectory_value(target: Target, baseline_value: Exact | None, on: date) -> Exact | None:
    """The same, exactly: from the baseline's value on its last day, evenly by months, to the final value."""
    final, share = final_value(target, baseline_value), share_of_way(target, on)
    if final is None or share == 1:
        return final
    return None if baseline_value is None else baseline_value + (final - baseline_value) * share


def share_of_way(target: Target, on: date) -> Fraction:
    """How much of the way from the baseline's value to the final value is to be behind on a day."""
    if target.trajectory == "final":
        return Fraction(1)
    assert target.baseline, "checked when the targets are read"
    assert target.by, "checked when the targets are read"
    began, now, ends = (_months(day) for day in (target.baseline.last, min(on, target.by), target.by))
    return max(Fraction(0), (now - began) / (ends - began))


def on_track(comparison: Comparison, good: Literal["up", "down", "neither"]) -> bool | None:
    """Whether a figure is at least as good as what it is compared with, the target; None where there is no telling."""
    current, asked = comparison.current, comparison.baseline
    if comparison.change is None or not comparison.is_sound or good == "neither":
        return None
    return current.precise >= asked.precise if good == "up" else current.precise <= asked.precise


def target_figure(target: Target, baseline: Figure | None, window: Window) -> Figure:
    """What the target asks for at the end of `window`; `baseline` is the measure's figure in the baseline's days."""
    start = baseline.precise if baseline and baseline.value is not None else None
    exact = trajectory_value(target, start, window.last)
    parts = ((target.measure, baseline.value),) if baseline else ()
    missing = baseline.missing if baseline else ()
    if exact is None:
        return Figure(window, None, lacking(filter(None, [baseline])), parts, missing)
    status = baseline.status if baseline and baseline.value is not None else "complete"
    return Figure(window, half_up(exact, DECIMALS), status, parts, missing, Fraction(exact))


def target_json(target: Target, baseline: Figure | None, window: Window) -> dict[str, Any]:
    """The target as declared, with its baseline's value, its final value and that of its trajectory."""
    start = baseline.precise if baseline and baseline.value is not None else None
    values = {"final": final_value(target, start), "trajectory_value": trajectory_value(target, start, window.last)}
    declared: dict[str, Any] = describe(target)
    if declared["baseline"]:
        declared["baseline"] |= {"value": baseline.value if baseline else None}
    return declared | {name: None if each is None else half_up(each, DECIMALS) for name, each in values.items()}


def describe(target: Target) -> dict[str, Any]:
    """The target as declared."""
    declared: dict[str, Any] = msgspec.to_builtins(target)
    return declared


def having_targets(targets: Mapping[str, Target]) -> str:
    """The measures that have one, for a message."""
    return ", ".join(sorted(targets))


def _whole(value: float) -> Exact:
    return int(value) if value == int(value) else exactly(value)


def _months(day: date) -> Fraction:
    # In months, so that two of four years are half of the way, whatever leap days lie between.
    return day.year * 12 + day.month - 1 + Fraction(day.day, monthrange(day.year, day.month)[1])
