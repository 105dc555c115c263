"""A figure, or its change on another, beyond a threshold."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from services.metrics.comparisons import PERCENT, POINTS, Comparison, Figure, compare
from services.metrics.periods import Against, Window, WindowName, baselines, window_ending
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation, Undeclared, beyond
from services.metrics.rules.saying import about, comparing, days
from services.metrics.signals.sections import is_usable
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.targets import Target


class ComparisonRule(Rule, frozen=True, kw_only=True, tag="comparison"):
    """Met while `figure` is strictly beyond `threshold` on the side `is`, and held until it passes `clears` too.

    Compares as /v1/compare does, up to the last day that the data reach. A provisional figure is judged; one that is
    not whole, withheld, or across a break, is not.
    """

    window: WindowName
    against: Against = "year-before"
    figure: Literal["value", "change", "percent_change"]
    is_: Literal["above", "below"] = msgspec.field(name="is")
    threshold: float
    clears: float | None = None

    def check(self, measure: Measure, known: Reference, targets: Mapping[str, Target]) -> None:
        del known, targets
        if self.window == "custom" or self.against == "baseline":
            raise Undeclared("a rule's window and baseline move with time")
        if self.figure == "percent_change" and measure.unit == PERCENT:
            raise Undeclared(f"{measure.id} changes by percentage points; use figure 'change'")
        if self.clears is not None and self._is_beyond(self.clears, self.threshold):
            raise Undeclared(f"clears: {self.clears:g} is {self.is_} the threshold; it has to lie on its other side")

    def asks(self, at: Situation) -> Asked:
        window = self._window(at)
        return Asked([at.on.measure], self._compared(window) if window else [])

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        window = self._window(at)
        if window is None:
            return []
        compared = self._compared(window)
        current, *before = (found.figures[at.on.measure.id, each] for each in compared)
        comparison = compare(current, before, at.on.measure.unit)
        value = self._watched(comparison) if self._can_say(at, comparison, compared) else None
        met, holds = beyond(value, self.threshold, self.clears, self._is_beyond)
        if not self.across_breaks and at.breaks.crossed(at.on, compared):
            comparison = _alone(comparison)  # what a value stands beside is of another series
        baseline, path = comparison.baseline.value, self._path(at, window)
        figures = {"value": current.value, "baseline": baseline, "change": comparison.change}
        text = f"{about(at, window)} {self._figures(comparison, at.on.measure.unit)}. {self._in_words()}"
        return [Judgement(met, holds, window, text, path, current.value, baseline, comparison.percent_change, figures)]

    def _path(self, at: Situation, window: Window) -> str:
        return comparing(at, window=self.window, against=self.against, end=window.last, **self.also_asked())

    def _is_beyond(self, value: float, threshold: float) -> bool:
        return value > threshold if self.is_ == "above" else value < threshold

    def _window(self, at: Situation) -> Window | None:
        return window_ending(self.window, at.reached) if at.reached else None

    def _compared(self, window: Window) -> list[Window]:
        return [window, *baselines(self.window, self.against, window, None)]

    def _can_say(self, at: Situation, comparison: Comparison, compared: Sequence[Window]) -> bool:
        """Whether what it watches is known: of a value alone, whatever the figure that is shown beside it."""
        rests_on = compared[:1] if self.figure == "value" else compared
        is_sound = is_usable(comparison.current) if self.figure == "value" else comparison.is_sound
        return is_sound and (self.across_breaks or not at.breaks.crossed(at.on, rests_on))

    def also_asked(self) -> dict[str, str]:
        return {"across_breaks": "true"} if self.across_breaks or self.figure == "value" else {}

    def _watched(self, comparison: Comparison) -> float | None:
        if self.figure == "value":
            return comparison.current.value
        found: float | None = getattr(comparison, self.figure)
        return found

    def _figures(self, comparison: Comparison, unit: str) -> str:
        """The figures in words."""
        current, baseline = comparison.current, comparison.baseline
        if current.value is None:
            return "suppressed" if current.status == "suppressed" else "no data"
        if baseline.value is None:
            return f"{current.value:,} {unit}"
        average = " on average" if self.against == "3y-average" else ""
        before = f"against {baseline.value:,}{average} from {days(baseline.window)} ({_moved(comparison)})"
        return f"{current.value:,} {unit}, {before}"

    def _in_words(self) -> str:
        back = "" if self.clears is None else f", until {self.clears:g}"
        return f"The rule: {self.figure.replace('_', ' ')} {self.is_} {self.threshold:g}{back}."


def _alone(comparison: Comparison) -> Comparison:
    unknown = Figure(comparison.baseline.window, None, "no-data")
    return msgspec.structs.replace(comparison, baseline=unknown, change=None, percent_change=None)


def _moved(comparison: Comparison) -> str:
    if comparison.change_unit == POINTS:
        return f"{comparison.change:+} points"
    return f"{comparison.percent_change:+}%" if comparison.percent_change is not None else "from 0"
