"""A control chart's last point signals: something has really changed."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from services.metrics.periods import FIRST_DAY, Window
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation, Undeclared
from services.metrics.rules.saying import about, link, shown
from services.metrics.signals import RUN, Point, Start, read
from services.metrics.signals.seasons import changes, windows_before
from services.metrics.signals.sections import LEAST_POINTS
from services.metrics.signals.spans import POINTS, ChartInterval, span_ending, whole
from services.metrics.signals.starts import baseline_from, starts_of
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.targets import Target


class SignalRule(Rule, frozen=True, kw_only=True, tag="signal"):
    """Met while the last whole period's point signals what is watched for, on the chart that /v1/signals draws."""

    interval: ChartInterval = "month"
    points: Annotated[int, msgspec.Meta(ge=LEAST_POINTS, le=240)] = POINTS
    is_: Literal["concerning", "improving", "any"] = msgspec.field(name="is", default="concerning")
    run: Annotated[int, msgspec.Meta(ge=6, le=7)] = RUN

    def check(self, measure: Measure, known: Reference, targets: Mapping[str, Target]) -> None:
        del known, targets
        if measure.good == "neither" and self.is_ != "any":
            raise Undeclared(f"neither way is better for {measure.id}; use is = 'any'")

    def asks(self, at: Situation) -> Asked:
        if at.reached is None:
            return Asked()
        now, before = self._windows(at)
        return Asked([at.on.measure], list(dict.fromkeys([*now, *before])))

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        if at.reached is None:
            return []
        now, before = self._windows(at)
        figures = [found.figures[at.on.measure.id, each] for each in now]
        if before:
            then = [found.figures[at.on.measure.id, each] for each in before]
            figures = changes(figures, then, at.on.measure.id, self._starts(at))
        chart = read(figures, self._starts(at), at.on.measure.good, self.run)
        last = chart.points[-1]
        met = None if last.variation is None else self._is_watched_for(last)
        return [self._judgement(at, last, met)]

    def _is_watched_for(self, point: Point) -> bool:
        return bool(point.signals) if self.is_ == "any" else point.variation == self.is_

    def _judgement(self, at: Situation, last: Point, met: bool | None) -> Judgement:
        limits, window = last.limits, last.figure.window
        figures = {
            "value": last.figure.value,
            "mean": round(float(limits.mean), 2) if limits else None,
            "lower": round(float(limits.lower), 2) if limits else None,
            "upper": round(float(limits.upper), 2) if limits else None,
        }
        said = ", ".join(f"{each.rule} ({each.side})" for each in last.signals) or "no signal"
        mean, lower, upper = (shown(figures[name]) for name in ("mean", "lower", "upper"))
        season = f", as a change on the same {self.interval} of the year before"
        unit = at.on.measure.unit + (season if at.breaks.is_seasonal(at.on.measure) else "")
        text = (
            f"{about(at, window)} {shown(last.figure.value)} {unit}; the mean is {mean}, the limits"
            f" {lower} and {upper}. {said.capitalize()}: {last.variation or 'cannot be said'}."
            f" The rule: {self.is_} by {self.interval}."
        )
        # Where a baseline begins earlier, the chart that is linked to reads it as well.
        asked = {"interval": self.interval, "to": window.last, "from": self._span(at).first, **self.also_asked()}
        path = link(at, f"charts/{at.on.measure.id}", **asked | ({} if self.run == RUN else {"run": self.run}))
        return Judgement(met, met, window, text, path, last.figure.value, figures["mean"], None, figures)

    def _windows(self, at: Situation) -> tuple[list[Window], list[Window]]:
        """The chart's periods, from where its baseline begins, and those of the year before where it has a season."""
        span = self._span(at)
        now = whole(Window(baseline_from(self._starts(at), span.first), span.last), self.interval)
        return now, windows_before(now, self.interval) if at.breaks.is_seasonal(at.on.measure) else []

    def _span(self, at: Situation) -> Window:
        assert at.reached, "asked for where the dataset reaches somewhere"
        return span_ending(at.reached, self.interval, self.points)

    def _starts(self, at: Situation) -> list[Start]:
        assert at.reached, "asked for where the dataset reaches somewhere"
        return starts_of(at.breaks, at.on, Window(FIRST_DAY, at.reached), across_breaks=self.across_breaks)
