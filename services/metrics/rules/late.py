"""A dataset is late: its last record lies too many days back."""

from operator import gt
from typing import Annotated

import msgspec

from services.metrics.periods import Window
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation, beyond
from services.metrics.rules.saying import comparing

Days = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class LateRule(Rule, frozen=True, kw_only=True, tag="late"):
    """Met while more than `days` lie between the last day of what the measure rests on and today.

    Held until no more than `clears` do. A dataset that never held anything is not late.
    """

    days: Days
    clears: Days | None = None

    def asks(self, at: Situation) -> Asked:
        del at
        return Asked()

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        del found
        if at.reached is None:
            return []
        late = (at.today - at.reached).days
        met, holds = beyond(late, self.days, self.clears, gt)
        text = (
            f"{at.on.area.name}: {at.on.measure.title}: the dataset {at.on.dataset!r} ends on {at.reached:%-d %B %Y}, "
            f"{late:,} days ago. The rule: more than {self.days:,} days."
        )
        window = Window(at.reached, at.today)
        path = comparing(at, window="month", end=at.reached, across_breaks="true")
        return [Judgement(met, holds, window, text, path, late, self.days, None, {"days": late})]
