"""Completeness is low: too few of a window's days are answered for."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from operator import lt
from typing import Annotated

import msgspec

from services.metrics.figures import PROVISIONAL, Figure, Gap
from services.metrics.periods import Window, WindowName, window_ending
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation, Undeclared, beyond
from services.metrics.rules.saying import about, comparing
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.targets import Target

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class CompletenessRule(Rule, frozen=True, kw_only=True, tag="completeness"):
    """Met while less than `below` percent of the window's days have data that are final or not; held until `clears`."""

    window: WindowName = "12m"
    below: Percent
    clears: Percent | None = None

    def check(self, measure: Measure, known: Reference, targets: Mapping[str, Target]) -> None:
        del measure, known, targets
        if self.window == "custom":
            raise Undeclared("a rule's window moves with time")
        if self.clears is not None and self.clears < self.below:
            raise Undeclared(f"clears: {self.clears:g} is less than 'below', {self.below:g}: it would never be met")

    def asks(self, at: Situation) -> Asked:
        return Asked([at.on.measure], [window_ending(self.window, at.reached)] if at.reached else [])

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        if at.reached is None:
            return []
        window = window_ending(self.window, at.reached)
        figure = found.figures[at.on.measure.id, window]
        if figure.status == "suppressed":
            return []  # what is withheld is not missing
        share = completeness(figure)
        met, holds = beyond(share, self.below, self.clears, lt)
        text = f"{about(at, window)} {share:g}% of the days have data. The rule: less than {self.below:g}%."
        # It says nothing of a change: that the page has one beside it is no reason to be refused.
        path = comparing(at, window=self.window, end=window.last, across_breaks="true")
        return [Judgement(met, holds, window, text, path, figure.value, None, None, {"percent of days": share})]


def completeness(figure: Figure) -> float:
    """The percentage of the window's days that nothing is missing of, to one decimal."""
    missing = {day for gap in figure.missing if gap.reason != PROVISIONAL for day in _days(gap, figure.window)}
    return round(100 * (1 - len(missing) / figure.window.days), 1)


def _days(gap: Gap, window: Window) -> Iterable[int]:
    first, last = max(gap.first, window.first), min(gap.last, window.last)
    return range(first.toordinal(), (last + timedelta(days=1)).toordinal())
