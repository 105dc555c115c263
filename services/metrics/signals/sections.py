"""The sections of a control chart, each with a mean and limits of its own, and what they rest on. Pure."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from services.metrics.figures import PROVISIONAL, Figure
from services.metrics.periods import Window
from services.metrics.signals.xmr import Limits, limits_of

LEAST_POINTS = 12
"""A section with fewer points has no limits: they would say more of chance than of the process."""
LEAST_BASELINE = 7
"""Points that a baseline needs that is chosen by hand; of fewer than LEAST_POINTS, its limits are on trial."""


class Start(NamedTuple):
    """Where a section begins: of `until` its limits rest on the points up to there; `reason` is who chose it by hand's.

    `is_break`: the figures before are of another series, and no run of points crosses it.
    """

    first: date
    reason: str
    until: date | None = None
    is_break: bool = False


class Section(NamedTuple):
    """A stretch of the chart with one mean and one pair of limits; `lacks` says why it has none."""

    window: Window
    limits: Limits | None
    rests_on: int
    reason: str = ""
    lacks: str = ""

    @property
    def is_trial(self) -> bool:
        return self.limits is not None and self.rests_on < LEAST_POINTS


def divided(figures: Sequence[Figure], starts: Sequence[Start]) -> list[tuple[Start, list[Figure]]]:
    """The figures by the section that each lies in; a period that a start cuts belongs to the section before."""
    if not figures:
        return []
    begun = [Start(figures[0].window.first, "")]
    begun += [each for each in starts if figures[0].window.first <= each.first <= figures[-1].window.last]
    held: list[list[Figure]] = [[] for _ in begun]
    for figure in figures:
        held[max(n for n, each in enumerate(begun) if each.first <= figure.window.first)].append(figure)
    return [(start, found) for start, found in zip(begun, held, strict=True) if found]


def section_of(start: Start, held: Sequence[Figure]) -> Section:
    """The section of these figures, with the limits that hold in it."""
    window = Window(held[0].window.first, held[-1].window.last)
    usable = sum(map(is_usable, held))
    if usable < LEAST_POINTS:
        return Section(window, None, usable, start.reason, f"{_points(usable)}; limits need {LEAST_POINTS}")
    base = [each for each in held if start.until is None or each.window.last <= start.until]
    number = sum(map(is_usable, base))
    if number < LEAST_BASELINE:
        return Section(
            window, None, number, start.reason, f"a baseline of {_points(number)}; it needs {LEAST_BASELINE}"
        )
    stretches = [[each.precise for each in group] for use, group in groupby(base, key=is_usable) if use]
    if all(len(each) < 2 for each in stretches):
        return Section(window, None, number, start.reason, "no two points follow each other")
    return Section(window, limits_of(stretches), number, start.reason)


def is_usable(figure: Figure) -> bool:
    """Whether it counts: it has a value, and nothing is missing but that it be final."""
    if figure.value is None:
        return False
    gaps = figure.missing
    return figure.status == "complete" or (bool(gaps) and all(each.reason == PROVISIONAL for each in gaps))


def _points(number: int) -> str:
    return "1 point" if number == 1 else f"{number} points"
