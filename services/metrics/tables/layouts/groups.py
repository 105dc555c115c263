"""Survey indicators by group: each group's gap to the average, and whether it is significant."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from services.metrics.periods import Window, WindowName, window_ending
from services.metrics.tables.exact import Number, difference
from services.metrics.tables.layouts.naming import Undeclared, indicators_named, measures_named
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.origins import Less, Origins, PostedFigure
from services.metrics.tables.parts import Column, Found, Part, Pivot, Scope
from services.metrics.tables.posted import Posted, status_of, value_of
from shared.events import Indicator
from shared.events.periods import parse_period
from shared.reference import Reference
from shared.reference.measures import Measure

_COLUMNS = (
    Column("characteristic", "Characteristic", "text"),
    Column("group", "Group", "text"),
    Column("title", "Measure", "text"),
    Column("average", "Average"),
    Column("value", "Group"),
    Column("gap", "Gap", "change"),
    Column("verdict", "Verdict", "verdict"),
    Column("status", "Data", "status"),
)


class Characteristic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the posted figures are broken down by; `groups` says their order. Others that are posted follow."""

    breakdown: str
    title: str
    groups: tuple[str, ...] = ()


class Groups(Section, frozen=True, kw_only=True, tag="groups"):
    """`rows` are posted indicators; a gap STRICTLY above `significant_above` points either way is significant."""

    rows: tuple[str, ...]
    characteristics: tuple[Characteristic, ...]
    significant_above: Number
    window: Literal["quarter", "12m"] = "12m"

    def check(self, known: Reference) -> None:
        indicators_named(known, {f"rows[{at}]": name for at, name in enumerate(self.rows)})
        if self.significant_above < 0:
            raise Undeclared("significant_above: a gap is measured without its sign; write 0 or more")

    def posted(self, known: Reference) -> list[str]:
        del known
        return list(self.rows)

    def render(self, scope: Scope, found: Found) -> Part:
        name: WindowName = self.window
        window = window_ending(name, scope.end)
        measures = measures_named(scope.reference, self.rows, "rows")
        averages = {each.id: found.posted.at(each.id, scope.area.id, window) for each in measures}
        rows = [
            self._row(measure, averages[measure.id], characteristic, group, found.posted)
            for characteristic in self.characteristics
            for group in self._groups(characteristic, measures, scope, found.posted)
            for measure in measures
        ]
        return Part(
            columns=_COLUMNS,
            rows=rows,
            windows={"current": window},
            pivot=Pivot(
                ("characteristic", "group"),
                "measure",
                {each.id: _heading(each, averages[each.id]) for each in measures},
                "gap",
                "change",
                "verdict",
            ),
            measures=[measure.id for measure in measures],
        )

    def _groups(self, by: Characteristic, measures: list[Measure], scope: Scope, posted: Posted) -> list[str]:
        found = [each for m in measures for each in posted.breakdowns(m.id, scope.area.id, [by.breakdown])]
        return list(dict.fromkeys([*by.groups, *(each[by.breakdown] for each in found)]))

    def _row(
        self, measure: Measure, average: Indicator | None, by: Characteristic, group: str, posted: Posted
    ) -> dict[str, Any]:
        own = _own(average, {by.breakdown: group}, posted)
        gap = difference(value_of(own), value_of(average))
        return {
            "characteristic": by.title,
            "group": group,
            "measure": measure.id,
            "title": measure.title,
            "unit": measure.unit,
            "average": value_of(average),
            "value": value_of(own),
            "gap": gap,
            "significant": None if gap is None else abs(gap) > self.significant_above,
            "verdict": self._verdict(gap),
            "period": average.period if average else None,
            "status": status_of([average, own]) if own else "no-data",
        }

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        measure = line["measure"]
        average = found.posted.at(measure, scope.area.id, window_ending(self.window, scope.end))
        (by,) = (each.breakdown for each in self.characteristics if each.title == line["characteristic"])
        own = _own(average, {by: line["group"]}, found.posted)
        group, all_groups = PostedFigure(measure, own), PostedFigure(measure, average)
        return {"average": all_groups, "value": group, "gap": Less(group, all_groups)}

    def _verdict(self, gap: Number | None) -> str:
        if gap is None:
            return "no data"
        if abs(gap) <= self.significant_above:
            return "not significant"
        return "significantly higher" if gap > 0 else "significantly lower"


def _own(average: Indicator | None, breakdown: Mapping[str, str], posted: Posted) -> Indicator | None:
    """The group's figure of the average's own period."""
    if average is None:
        return None
    return posted.of_period(average.indicator, average.area, Window(*parse_period(average.period)), breakdown)


def _heading(measure: Measure, average: Indicator | None) -> str:
    return f"{measure.title} (average {average.value:.1f}%)" if average else f"{measure.title} (no data)"
