"""A row against what was promised of it: where it started, where it should be by now, how far off it is."""

from collections.abc import Iterable
from typing import Any

from services.metrics.comparisons import compare
from services.metrics.periods import Window
from services.metrics.tables.origins import Change, Of, Origin, Origins, Promised
from services.metrics.tables.parts import Column, Found, Scope
from services.metrics.targets import DECIMALS, baseline_window, on_track, target_figure, target_json
from shared.reference.measures import Measure
from shared.reference.targets import Target

TARGET_COLUMNS = (
    Column("target_title", "Target", "text"),
    Column("target_baseline", "Baseline"),
    Column("target_final", "To be reached"),
    Column("target_by", "By", "text"),
    Column("target_expected", "Asked for now"),
    Column("target_gap", "Gap", "change"),
    Column("target_verdict", "On track", "verdict"),
)
_NOTHING = {column.key: None for column in TARGET_COLUMNS}
_SAID = {True: "on track", False: "not on track", None: "not known"}


def baseline_windows(measures: Iterable[str], scope: Scope) -> list[Window]:
    """The days that the measures' targets start from."""
    targets = [_target(measure, scope) for measure in measures]
    found = [baseline_window(target) for target in targets if target]
    return list(dict.fromkeys(window for window in found if window))


def against_target(measure: Measure, window: Window, scope: Scope, found: Found) -> dict[str, Any]:
    """The columns of a target at the end of `window`; all null where none was promised for the measure and the area."""
    target = _target(measure.id, scope)
    if target is None:
        return _NOTHING
    current, start = found.figure(measure.id, scope.area, window), baseline_window(target)
    baseline = found.figure(measure.id, scope.area, start) if start else None
    asked = target_figure(target, baseline, window)
    compared = compare(current, [asked], measure.unit, DECIMALS)
    return {
        "target_title": target.title,
        "target_baseline": baseline.value if baseline else None,
        "target_final": target_json(target, baseline, window)["final"],
        "target_by": target.by.isoformat() if target.by else None,
        "target_expected": asked.value,
        "target_gap": compared.change,
        "target_verdict": _SAID[on_track(compared, measure.good)],
    }


def target_origins(now: Of, scope: Scope) -> Origins:
    """How the columns of a target came about; none where none was promised."""
    target = _target(now.measure, scope)
    if target is None:
        return {}
    days = baseline_window(target)
    start = Of(now.measure, now.area, days) if days else None
    expected = Promised(target, start, now.window)
    found: dict[str, Origin] = {"target_baseline": start} if start else {}
    final = Promised(target, start, now.window, is_final=True)
    return found | {"target_final": final, "target_expected": expected, "target_gap": Change(now, expected)}


def _target(measure: str, scope: Scope) -> Target | None:
    target = scope.targets.get(measure)
    return target if target and target.area == scope.area.id else None
