"""Measures, a row each, in one or several windows, each against another window."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from services.metrics.comparisons import Comparison as Compared
from services.metrics.comparisons import compare
from services.metrics.periods import Against, Window, WindowName, baselines, window_ending
from services.metrics.tables.layouts.naming import Undeclared, measures_named
from services.metrics.tables.layouts.promises import TARGET_COLUMNS, against_target, baseline_windows, target_origins
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.origins import Change, Of, Origin, Origins, PercentChange
from services.metrics.tables.parts import Asks, Column, Found, Part, Scope, suppressed_cells
from services.metrics.verdicts import verdict
from shared.reference import Reference
from shared.reference.measures import Measure

_LEADS = {"plan_area": "Plan area", "unit": "Unit"}


class Compare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One comparison. `name` begins its columns' keys, and is empty where a section has but one."""

    name: str = ""
    title: str = ""
    window: WindowName
    against: Against
    verdict: bool = False

    def windows(self, scope: Scope) -> tuple[Window, Window]:
        window = window_ending(self.window, scope.end)
        (before,) = baselines(self.window, self.against, window, None)
        return window, before

    def key(self, column: str) -> str:
        return f"{self.name}_{column}" if self.name else column

    def titled(self, column: str) -> str:
        return f"{self.title}: {column}" if self.title else column[0].upper() + column[1:]


class Comparison(Section, frozen=True, kw_only=True, tag="comparison"):
    """`rows` are measures' ids, or patterns of them; `lead` what is said of each besides its title.

    With `targets`, London's rows also stand against what was promised of them by the end of the first comparison.
    """

    rows: tuple[str, ...]
    comparisons: tuple[Compare, ...]
    lead: tuple[Literal["plan_area", "unit"], ...] = ("unit",)
    targets: bool = False

    def check(self, known: Reference) -> None:
        measures_named(known, self.rows, "rows")
        names = [each.name for each in self.comparisons]
        if not names or len(set(names)) < len(names) or (len(names) > 1 and "" in names):
            raise Undeclared("comparisons: at least one, and of several each with a name of its own")
        for each in self.comparisons:
            if each.window == "custom" or each.against in ("baseline", "3y-average"):
                raise Undeclared("comparisons: a table's windows follow from its end; against year- or period-before")

    def posted(self, known: Reference) -> list[str]:
        measures = measures_named(known, self.rows, "rows")
        return [each.indicator or each.id for each in measures if each.kind == "indicator"]

    def asks(self, scope: Scope) -> Asks:
        measures = [measure.id for measure in measures_named(scope.reference, self.rows, "rows")]
        windows = [window for each in self.comparisons for window in each.windows(scope)]
        windows += baseline_windows(measures, scope) if self.targets else []
        return Asks(measures, [scope.area], list(dict.fromkeys(windows)))

    def render(self, scope: Scope, found: Found) -> Part:
        measures = measures_named(scope.reference, self.rows, "rows")
        rows = [self._row(measure, scope, found) for measure in measures]
        return Part(
            columns=list(self._columns()),
            rows=rows,
            windows=dict(self._windows(scope)),
            measures=[measure.id for measure in measures],
        )

    def _row(self, measure: Measure, scope: Scope, found: Found) -> dict[str, Any]:
        row: dict[str, Any] = {"plan_area": measure.plan_area} if "plan_area" in self.lead else {}
        row |= {"measure": measure.id, "title": measure.title}
        row |= {"unit": measure.unit} if "unit" in self.lead else {}
        hidden: list[str] = []
        for each in self.comparisons:
            current, previous = (found.figure(measure.id, scope.area, window) for window in each.windows(scope))
            compared = compare(current, [previous], measure.unit)
            row |= {each.key(name): value for name, value in figures(compared).items()}
            hidden += [each.key(name) for name in suppressed(compared)]
            row |= {each.key(name): text for name, text in said(compared, measure).items()} if each.verdict else {}
        if self.targets:
            row |= against_target(measure, self.comparisons[0].windows(scope)[0], scope, found)
        return row | suppressed_cells(hidden)

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        del found
        origins: dict[str, Origin] = {}
        for each in self.comparisons:
            now, before = (Of(line["measure"], scope.area, window) for window in each.windows(scope))
            origins |= {each.key("current"): now, each.key("previous"): before}
            origins |= {each.key("change"): Change(now, before), each.key("percent_change"): PercentChange(now, before)}
        if self.targets:
            window, _ = self.comparisons[0].windows(scope)
            origins |= target_origins(Of(line["measure"], scope.area, window), scope)
        return origins

    def _columns(self) -> Iterator[Column]:
        yield from (Column(name, _LEADS[name], "text") for name in self.lead if name != "unit")
        yield Column("title", "Measure", "text")
        for each in self.comparisons:
            yield Column(each.key("previous"), each.titled("before"))
            yield Column(each.key("current"), each.titled("now"))
            yield Column(each.key("change"), each.titled("change"), "change")
            yield Column(each.key("percent_change"), each.titled("%"), "percent")
            if each.verdict:
                yield Column(each.key("direction"), each.titled("direction"), "text")
                yield Column(each.key("verdict"), each.titled("verdict"), "verdict")
            yield Column(each.key("status"), each.titled("data"), "status")
        yield from TARGET_COLUMNS if self.targets else ()

    def _windows(self, scope: Scope) -> Iterator[tuple[str, Window]]:
        for each in self.comparisons:
            window, before = each.windows(scope)
            yield from ((each.key("current"), window), (each.key("previous"), before))


def figures(compared: Compared) -> dict[str, Any]:
    """A comparison's columns; null where there is no data."""
    return {
        "previous": compared.baseline.value,
        "current": compared.current.value,
        "change": compared.change,
        "percent_change": compared.percent_change,
        "status": compared.status,
    }


def suppressed(compared: Compared) -> list[str]:
    """Which of these columns are null because something is withheld."""
    sides = {"current": compared.current, "previous": compared.baseline}
    hidden = [name for name, figure in sides.items() if figure.status == "suppressed"]
    return [*hidden, "change", "percent_change"] if hidden else []


def said(compared: Compared, measure: Measure) -> dict[str, str]:
    """A comparison in words: which way the figure went, and what that means where one way is better."""
    judged = verdict(compared, measure.good)
    went = "not known"
    if judged != "not known" and compared.change is not None:
        went = "increased" if compared.change > 0 else "decreased" if compared.change < 0 else "no change"
    return {"direction": went, "verdict": judged}
