"""A target is missed: the figure is worse than its trajectory asks for."""

from collections.abc import Mapping

from services.metrics import targets
from services.metrics.comparisons import compare
from services.metrics.periods import Window, WindowName, window_ending
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation, Undeclared
from services.metrics.rules.saying import about, comparing, shown
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.targets import Target


class TargetRule(Rule, frozen=True, kw_only=True, tag="target"):
    """Met while the measure is not on track for its target; a level is asked for in `window`."""

    window: WindowName = "12m"

    def check(self, measure: Measure, known: Reference, targets: Mapping[str, Target]) -> None:
        target = targets.get(measure.id)
        if target is None:
            raise Undeclared(f"no target is declared of {measure.id!r}; those with one: {', '.join(sorted(targets))}")
        if [each.id for each in self.places(known)] != [target.area]:
            raise Undeclared(f"the target of {measure.id!r} is for {target.area}")
        if self.window == "custom":
            raise Undeclared("a rule's window moves with time")

    def asks(self, at: Situation) -> Asked:
        window = self._window(at)
        return Asked([at.on.measure], targets.target_windows(at.targets[at.on.measure.id], window) if window else [])

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        window, target = self._window(at), at.targets[at.on.measure.id]
        if window is None:
            return []
        compared = targets.target_windows(target, window)
        current, *before = (found.figures[at.on.measure.id, each] for each in compared)
        asked = targets.target_figure(target, before[0] if before else None, window)
        comparison = compare(current, [asked], at.on.measure.unit, targets.DECIMALS)
        is_barred = not self.across_breaks and bool(at.breaks.crossed(at.on, compared))
        on_track = None if is_barred else targets.on_track(comparison, at.on.measure.good)
        met = None if on_track is None else not on_track
        due = f", and is due by {target.by:%-d %B %Y}" if target.by and target.by > window.last else ""
        text = (
            f"{about(at, window)} {shown(current.value)} {at.on.measure.unit}, where {shown(asked.value)} is asked for."
            f" The target: {target.title}{due}. The rule: the target is missed."
        )
        path = comparing(at, window=self._name(at), against="target", end=window.last, **self.also_asked())
        figures = {"value": current.value, "asked for": asked.value, "gap": comparison.change}
        return [Judgement(met, met, window, text, path, current.value, asked.value, None, figures)]

    def _name(self, at: Situation) -> WindowName:
        return at.targets[at.on.measure.id].window or self.window

    def _window(self, at: Situation) -> Window | None:
        return window_ending(self._name(at), at.reached) if at.reached else None
