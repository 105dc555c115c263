"""What the kinds of alert rules say alike: the links and the words of an alert. Pure."""

from collections.abc import Mapping
from typing import Any

from services.metrics.figures import Number
from services.metrics.periods import Window
from services.metrics.rules.rule import Situation


def link(at: Situation, page: str, **asked: Any) -> str:
    """The path of a page about the area and dataset."""
    named = {"area": at.on.area.id, "dataset": at.on.dataset, **asked}
    return f"/{page}?" + _query(named)


def comparing(at: Situation, **asked: Any) -> str:
    """The path at which the comparison can be asked for again."""
    named = {"measure": at.on.measure.id, "area": at.on.area.id, "dataset": at.on.dataset, **asked}
    return "/v1/compare?" + _query(named)


def _query(named: Mapping[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in named.items())


def days(window: Window) -> str:
    """1 July 2016 to 30 June 2017."""
    return f"{window.first:%-d %B %Y} to {window.last:%-d %B %Y}"


def about(at: Situation, window: Window) -> str:
    """Whose figure, in which days."""
    return f"{at.on.area.name}: {at.on.measure.title}, {days(window)}:"


def shown(value: Number | None) -> str:
    return "no data" if value is None else f"{value:,}"
