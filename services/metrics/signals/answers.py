"""What /v1/signals answers: plain data of a control chart. Pure."""

from typing import Any

from services.metrics.figures import missing_json, window_json
from services.metrics.signals.reading import Chart, Point, shown
from services.metrics.signals.sections import Section


def chart_json(chart: Chart) -> dict[str, Any]:
    """`{variation, points, sections}`: what the last point of which anything can be said means, and all of them."""
    latest = chart.latest
    return {
        "variation": latest.variation if latest else None,
        "points": [point_json(each) for each in chart.points],
        "sections": [_section_json(each) for each in chart.sections],
    }


def point_json(point: Point) -> dict[str, Any]:
    """`{from, to, value, status, missing, variation, signals}`; `variation` is null where nothing can be said."""
    return {
        **window_json(point.figure.window),
        "value": point.figure.value,
        "status": point.figure.status,
        "missing": missing_json(point.figure.missing),
        "variation": point.variation,
        "signals": [{"rule": each.rule, "side": each.side} for each in point.signals],
    }


def _section_json(section: Section) -> dict[str, Any]:
    """`{from, to, mean, lower, upper, points, trial, reason, lacks}`: limits are null where `lacks` says why."""
    limits = section.limits
    return {
        **window_json(section.window),
        "mean": shown(limits.mean) if limits else None,
        "lower": shown(limits.lower) if limits else None,
        "upper": shown(limits.upper) if limits else None,
        "points": section.rests_on,
        "trial": section.is_trial,
        "reason": section.reason or None,
        "lacks": section.lacks or None,
    }
