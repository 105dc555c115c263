"""How figures, changes and statuses read on a page: in their units, and in words. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.metrics.figures import exactly, half_up
from services.metrics.periods import Window

NO_DATA, NOT_APPLICABLE, SUPPRESSED = "no data", "n/a", "suppressed"
_STATUSES = {
    "complete": "",
    "partial": "partial",
    "incomplete": "incomplete",
    "no-data": NO_DATA,
    "suppressed": SUPPRESSED,
}
STATUSES = (
    "Partial: some of the days have no data, are not over, or are provisional. "
    "Incomplete: records were lost before they were counted. Suppressed: a small count of a borough, or one from which "
    "such a count could be worked out. Neither this nor no data is zero."
)


def number(value: float | None) -> str:
    """`12,345`, `75.3`, `no data`."""
    return NO_DATA if value is None else f"{value:,}"


def signed(value: float | None) -> str:
    return NOT_APPLICABLE if value is None else f"{value:+,}" if value else "0"


def percent(value: float | None) -> str:
    """A change in percent."""
    return NOT_APPLICABLE if value is None else f"{value:+,}%" if value else "0%"


def in_unit(value: float | None, unit: str) -> str:
    """A figure of that unit: percent and money as they are written, anything else as a number."""
    if value is None:
        return NO_DATA
    match unit:
        case "percent":
            return f"{_rounded(value, 1):,.1f}%"
        case "million pounds":
            return f"{'-' if value < 0 else ''}£{abs(_rounded(value, 1)):,.1f}m"
        case "pounds":
            return f"{'-' if value < 0 else ''}£{abs(_rounded(value, 0)):,}"
        case "seconds":
            return f"{_rounded(value, 0):,} s"
        case _:
            return f"{_rounded(value, 2):,}"


def change_in_unit(value: float | None, unit: str) -> str:
    """A change in a figure of that unit: percentages change by points."""
    if value is None:
        return NOT_APPLICABLE
    if unit == "percent":
        return f"{_rounded(value, 1):+,.1f} points" if value else "0 points"
    if "pounds" in unit:
        return f"{'+' if value > 0 else ''}{in_unit(value, unit)}"
    return signed(_rounded(value, 2))


def status(value: str) -> str:
    """A status in words; nothing of a complete figure."""
    return _STATUSES.get(value, value)


def day(value: date) -> str:
    return f"{value:%-d %B %Y}"


def span(window: Window) -> str:
    """`1 July 2016 to 30 June 2017`."""
    return day(window.first) if window.first == window.last else f"{day(window.first)} to {day(window.last)}"


def spans(windows: Mapping[str, Window]) -> str:
    """The windows of a part: `1 July 2016 to 30 June 2017 against 1 July 2015 to 30 June 2016`."""
    found = []
    for name, window in windows.items():
        if name.endswith("current"):
            before = windows.get(f"{name.removesuffix('current')}previous")
            found.append(f"{span(window)} against {span(before)}" if before else span(window))
    return "; ".join(found)


def text(value: Any) -> str:
    return "" if value is None else str(value)


def _rounded(value: float, decimals: int) -> int | float:
    return half_up(exactly(value), decimals)
