"""Alert rules: a comparison beyond a threshold. Pure: what a rule says of a comparison, and what is to be told."""

import tomllib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from services.metrics.comparisons import PERCENT, POINTS, Comparison
from services.metrics.periods import Against, WindowName
from shared.events import Alert, Window
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.terms import Area


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As declared: whose figure, compared with what, is beyond which threshold, and who is told."""

    id: str
    title: str
    owner: str
    measure: str
    area: str = "E12000007"
    window: WindowName
    against: Against = "year-before"
    figure: Literal["value", "change", "percent_change"]
    is_: Literal["above", "below"] = msgspec.field(name="is")
    threshold: float
    datasets: tuple[str, ...] = ("live",)

    def met(self, comparison: Comparison) -> bool | None:
        """Whether the figure is beyond the threshold; None where it cannot be said, which changes nothing."""
        value = comparison.current.value if self.figure == "value" else getattr(comparison, self.figure)
        if value is None or comparison.status != "complete":
            return None
        return bool(value > self.threshold if self.is_ == "above" else value < self.threshold)


class Incident(msgspec.Struct, frozen=True):
    """The last incident of a rule in a dataset: its number in a series, and whether it is open."""

    number: int
    open: bool
    series: str = ""


class InvalidRules(ValueError):
    """The rules file is not usable; the text says where and why."""


def read_rules(text: str, reference: Reference) -> tuple[Rule, ...]:
    """The declared rules; raises InvalidRules naming the rule and what would be right."""
    try:
        rules = tuple(msgspec.convert(each, Rule) for each in tomllib.loads(text).get("rule", []))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidRules(f"alert rules: {error}") from error
    for rule in rules:
        if rule.window == "custom" or rule.against == "baseline":
            raise InvalidRules(f"rule {rule.id!r}: a rule's window and baseline move with time")
        try:
            measure, _ = reference.measures.resolve(rule.measure), reference.areas.resolve(rule.area)
        except ValueError as unknown:
            raise InvalidRules(f"rule {rule.id!r}: {unknown}") from unknown
        if rule.figure == "percent_change" and measure.unit == PERCENT:
            raise InvalidRules(f"rule {rule.id!r}: {measure.id} changes by percentage points; use figure 'change'")
    if len({rule.id for rule in rules}) != len(rules):
        raise InvalidRules("alert rules: two rules have the same id")
    return rules


def following(incident: Incident | None, met: bool | None) -> Incident | None:
    """The incident that is to be told now, or None: opened when first met, closed when met no longer."""
    is_open = incident is not None and incident.open
    if met is None or met == is_open:
        return None
    number = incident.number if incident else 0
    return Incident(number + 1, open=True) if met else Incident(number, open=False)


def alert(
    rule: Rule,
    dataset: str,
    incident: Incident,
    comparison: Comparison,
    measure: Measure,
    area: Area,
    link: str,
    at: datetime,
) -> Alert:
    """The event that tells of an incident's opening or closing, the same however often it is made."""
    state: Literal["raised", "cleared"] = "raised" if incident.open else "cleared"
    incident_id = f"{rule.id}/{dataset}/{incident.series}-{incident.number}"
    window = comparison.current.window
    return Alert(
        alert_id=f"{incident_id}/{state}",
        incident_id=incident_id,
        rule=rule.id,
        state=state,
        title=rule.title if incident.open else f"Cleared: {rule.title}",
        text=sentence(rule, comparison, measure, area),
        owner=rule.owner,
        measure=measure.id,
        area=area.id,
        dataset=dataset,
        window=Window(first=window.first, last=window.last),
        value=comparison.current.value,
        baseline=comparison.baseline.value,
        percent_change=comparison.percent_change,
        link=link,
        at=at,
    )


def sentence(rule: Rule, comparison: Comparison, measure: Measure, area: Area) -> str:
    """The figures in words, with the rule that they meet or meet no longer."""
    window, baseline = comparison.current.window, comparison.baseline.window
    parts: Sequence[str] = (
        f"{area.name}: {measure.title}, {window.first:%-d %B %Y} to {window.last:%-d %B %Y}:",
        f"{comparison.current.value:,} {measure.unit}, against {comparison.baseline.value:,}",
        f"from {baseline.first:%-d %B %Y} to {baseline.last:%-d %B %Y}",
        f"({_moved(comparison)}).",
        f"The rule: {rule.figure.replace('_', ' ')} {rule.is_} {rule.threshold:g}.",
    )
    return " ".join(parts)


def _moved(comparison: Comparison) -> str:
    if comparison.change_unit == POINTS:
        return f"{comparison.change:+} points"
    return f"{comparison.percent_change:+}%" if comparison.percent_change is not None else "from 0"
