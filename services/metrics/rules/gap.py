"""A group's survey figure lies too far from the average of all respondents."""

from collections.abc import Mapping
from operator import gt

import msgspec

from services.metrics.figures import DECIMALS, exactly, half_up
from services.metrics.periods import Window, WindowName, window_ending
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation, Undeclared, beyond
from services.metrics.rules.saying import about
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.targets import Target
from shared.reference.terms import Area


class GapRule(Rule, frozen=True, kw_only=True, tag="gap"):
    """Met, for each group of a breakdown by itself, while its gap is strictly above `points` either way.

    As in the table of inequalities: 5.0 itself is no gap. Held until the gap is no more than `clears`.
    """

    breakdown: str
    points: float = 5
    clears: float | None = None
    window: WindowName = "12m"

    def covers(self, dataset: str, area: Area, name: str) -> bool:
        return name.startswith(self.name(dataset, area, f"{self.breakdown}="))

    def check(self, measure: Measure, known: Reference, targets: Mapping[str, Target]) -> None:
        del known, targets
        if not measure.is_posted:
            raise Undeclared(f"{measure.id} is not posted by groups; name a posted indicator")
        if self.points < 0 or (self.clears is not None and not 0 <= self.clears <= self.points):
            raise Undeclared("points: a gap is measured without its sign; 'clears' is no more than 'points'")
        if self.window == "custom":
            raise Undeclared("a rule's window moves with time")

    def asks(self, at: Situation) -> Asked:
        del at
        return Asked()

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        if at.reached is None:
            return []
        window = window_ending(self.window, at.reached)
        groups = found.posted.groups(at.on.measure.id, at.on.area.id, self.breakdown)
        return [each for name in groups if (each := self._of_group(at, found, name, window))]

    def _of_group(self, at: Situation, found: Found, name: str, window: Window) -> Judgement | None:
        measure, area = at.on.measure, at.on.area.id
        of_group = msgspec.structs.replace(measure, indicator=measure.id, breakdown={self.breakdown: name})
        average, figure = found.posted.figure(measure, area, window), found.posted.figure(of_group, area, window)
        if average.value is None or figure.value is None:
            return None
        gap = half_up(exactly(figure.value) - exactly(average.value), DECIMALS)
        met, holds = beyond(abs(gap), self.points, self.clears, gt)
        text = (
            f"{about(at, window)} {name}: {figure.value:g}%, against {average.value:g}% of all "
            f"({gap:+g} points). The rule: a gap above {self.points:g} points either way."
        )
        figures = {"group": figure.value, "average": average.value, "gap": gap}
        path = f"/v1/tables/inequalities?end={window.last}&area={area}&dataset={at.on.dataset}"
        part = f"{self.breakdown}={name}"
        return Judgement(met, holds, window, text, path, figure.value, average.value, None, figures, part)
