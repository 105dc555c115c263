"""What an answer shows of figures and comparisons: plain data of the contract's names. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.metrics.comparisons import Comparison
from services.metrics.figures import Figure, merged, missing_json, parts_json, window_json
from services.metrics.verdicts import verdict
from shared.reference.fields import COMMON, FIELDS
from shared.reference.measures import Measure
from shared.reference.targets import Target
from shared.reference.terms import Area

NOTES = {
    "demo": "Demonstration: figures fitted to what the report for 2017-18 quarter 1 prints, not recorded crime.",
    "simulated": "Simulated: made by a random generator, not recorded crime or calls.",
}


def note(dataset: str) -> dict[str, str]:
    """`{note}` for a dataset that is not of real records; `simulated-7` is simulated as `simulated` is."""
    kind = dataset.partition("-")[0]
    return {"note": NOTES[kind]} if kind in NOTES else {}


def measure_json(measure: Measure, target: Target | None, is_sensitive: bool) -> dict[str, Any]:
    """A measure as declared: the fields that all have, those of its kind, and its target if it has one.

    What is computed from a sensitive measure is sensitive too.
    """
    shown = COMMON | FIELDS[measure.kind]
    fields = {name: getattr(measure, name) for name in Measure.__struct_fields__ if name in shown}
    described = {name: sorted(each) if isinstance(each, frozenset) else each for name, each in fields.items()}
    described["sensitive"] = is_sensitive
    plain: dict[str, Any] = msgspec.to_builtins(described | ({"target": target} if target else {}))
    return plain


def named(measure: Measure, area: Area, dataset: str) -> dict[str, Any]:
    """Whose figures they are."""
    return {"measure": measure.id, "area": area.id, "dataset": dataset}


def figure_json(figure: Figure) -> dict[str, Any]:
    """`{value, status, missing}`, and `parts` where it was computed from others."""
    shown = {"value": figure.value, "status": figure.status, "missing": missing_json(figure.missing)}
    return shown | ({"parts": parts_json(figure)} if figure.parts else {})


def comparison_json(comparison: Comparison, measure: Measure, said_of_target: Mapping[str, Any]) -> dict[str, Any]:
    """A comparison as /v1/compare and /v1/verdicts show it; `said_of_target` where it is with a target."""
    current, baseline = comparison.current, comparison.baseline
    return {
        "window": window_json(current.window),
        "unit": measure.unit,
        **figure_json(current),
        "baseline": {**window_json(baseline.window), **figure_json(baseline), **said_of_target},
        "change": comparison.change,
        "change_unit": comparison.change_unit,
        "percent_change": comparison.percent_change,
        # A gap to a target is no movement: whether it is on track is said instead.
        "verdict": None if said_of_target else verdict(comparison, measure.good),
        "status": comparison.status,
    }


def series_json(figures: Sequence[Figure]) -> dict[str, Any]:
    """`{points, missing}`: a point an interval, its value null where there is no data."""
    points = [{**window_json(each.window), "value": each.value, "status": each.status} for each in figures]
    return {"points": points, "missing": missing_json(_joined(figures))}


def _joined(figures: Sequence[Figure]) -> Sequence[Any]:
    """The gaps of all points, those that follow each other as one."""
    found: list[Any] = []
    latest: dict[tuple[str, str], int] = {}
    for gap in merged(gap for figure in figures for gap in figure.missing):
        at = latest.get((gap.reason, gap.measure))
        if at is not None and (gap.first - found[at].last).days <= 1:
            found[at] = found[at]._replace(last=max(found[at].last, gap.last))
        else:
            latest[gap.reason, gap.measure] = len(found)
            found.append(gap)
    return found
