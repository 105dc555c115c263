"""Replaying history: when alert rules would have been raised and cleared, period by period."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from services.metrics.figures import window_json
from services.metrics.judging import Judged, Judges, Watched
from services.metrics.periods import Window, intervals
from services.metrics.rules import Incident, Rule, following, is_turned

Every = Literal["day", "week", "month"]
_DAY = timedelta(days=1)


class Turned(NamedTuple):
    """A rule that would have been raised, or cleared, at the end of a period."""

    period: Window
    judged: Judged
    is_open: bool

    def json(self) -> dict[str, Any]:
        """As an alert says it, with the period in which it would have been told."""
        rule, on, judgement = self.judged.rule, self.judged.at.on, self.judged.judgement
        return {
            "period": window_json(self.period),
            "state": "raised" if self.is_open else "cleared",
            "rule": rule.id,
            "kind": rule.kind,
            "owner": rule.owner,
            "measure": on.measure.id,
            "area": on.area.id,
            "dataset": on.dataset,
            "part": judgement.part or None,
            "window": window_json(judgement.window),
            "value": judgement.value,
            "baseline": judgement.baseline,
            "percent_change": judgement.percent_change,
            "figures": dict(judgement.figures),
            "text": judgement.text,
        }


def periods_of(span: Window, every: Every) -> list[Window]:
    """The periods at whose ends rules are evaluated: those that end within the span, weeks on Sundays."""
    found = intervals(span.first, span.last, every)
    return [each for each in found if intervals(each.last, each.last + _DAY, every)[0].last == each.last]


async def preview(
    judges: Judges, rules: Sequence[Rule], periods: Sequence[Window], advance: Callable[[int], None] = lambda _: None
) -> list[Turned]:
    """Evaluate the rules on the day after each period, with the figures that are known today of the days up to then.

    What was not known then and was revised since is not told apart: the counts hold the latest revision. The rules
    are as if put in force on the first day: one that is met already is raised at the end of the first period.
    """
    known: dict[str, Incident] = {}
    found: list[Turned] = []
    watched = [Watched(rule, dataset) for rule in rules for dataset in rule.datasets]
    for period in periods:
        judged = await judges.judge(watched, period.last + _DAY)
        found += [Turned(period, each, is_open) for each, is_open in _turns(judged, known)]
        advance(1)
    return found


def _turns(judged: Sequence[Judged], known: dict[str, Incident]) -> Iterator[tuple[Judged, bool]]:
    for each in judged:
        before = known.get(each.name)
        now = _settled(before, each)
        known[each.name] = now
        if is_turned(before, now):
            yield each, now.open


def _settled(before: Incident | None, judged: Judged) -> Incident:
    """The incident when it is half way no more: a running service evaluates again at once what is, as nothing changes.

    So `raise_after` and `clear_after` are seconds apart, and no period is waited for.
    """
    rule, judgement, now = judged.rule, judged.judgement, before or Incident()
    while after := following(now, judgement.met, judgement.holds, rule.raise_after, rule.clear_after):
        if is_turned(now, after):
            return after
        now = after
    return now
