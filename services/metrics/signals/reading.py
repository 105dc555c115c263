"""A measure's figures as its control chart: sections with limits of their own, and what each point signals. Pure."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from typing import Literal, NamedTuple

from services.metrics.figures import PROVISIONAL, Exact, Figure
from services.metrics.periods import Window
from services.metrics.signals.xmr import RUN, Limits, Placed, Side, Signal, limits_of, signals

Good = Literal["up", "down", "neither"]
Variation = Literal["common cause", "improving", "concerning", "neither"]
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


class Point(NamedTuple):
    """A figure, the limits that hold for it, by which rules it signals, and what that means; None: cannot be said."""

    figure: Figure
    limits: Limits | None = None
    signals: tuple[Signal, ...] = ()
    variation: Variation | None = None


class Chart(NamedTuple):
    """Points in the order of their days, and the sections that they lie in."""

    points: list[Point]
    sections: list[Section]

    @property
    def latest(self) -> Point | None:
        """The last point of which something can be said."""
        return next((each for each in reversed(self.points) if each.variation), None)


def read(figures: Sequence[Figure], starts: Collection[Start], good: Good, run: int = RUN) -> Chart:
    """The control chart of figures that follow each other.

    What is not complete is shown and neither counts nor signals; a figure that is merely provisional does. Nor does
    one of a period that a break cuts: it is of neither series.
    """
    shown_figures, broken = figures, {each.first for each in starts if each.is_break}
    figures = [_of_neither(each) if cuts(each.window, broken) else each for each in figures]
    sections, limits = [], []
    for start, held in _divided(figures, sorted(starts)):
        section = _section(start, held)
        sections.append(section)
        limits += [section.limits] * len(held)
    found: dict[int, tuple[Signal, ...]] = {}
    for stretch in _stretches(figures, limits, broken):
        placed = [Placed(figures[place].precise, _known(limits[place])) for place in stretch]
        found.update(zip(stretch, signals(placed, run), strict=True))
    points = [
        Point(figure, limits[place], found[place], meaning(found[place], good)) if place in found else Point(figure)
        for place, figure in enumerate(shown_figures)
    ]
    return Chart(points, sections)


def cuts(window: Window, days: Collection[date]) -> bool:
    """Whether a series breaks within the window, so that days of it lie on both sides."""
    return any(window.first < day <= window.last for day in days)


def meaning(found: Collection[Signal], good: Good) -> Variation:
    """What a point's signals mean. A trend can cross the mean: where rules disagree, better wins, as the NHS has it."""
    if not found:
        return "common cause"
    if good == "neither":
        return "neither"
    better: Side = "high" if good == "up" else "low"
    return "improving" if any(each.side == better for each in found) else "concerning"


def is_usable(figure: Figure) -> bool:
    """Whether it counts: it has a value, and nothing is missing but that it be final."""
    if figure.value is None:
        return False
    gaps = figure.missing
    return figure.status == "complete" or (bool(gaps) and all(each.reason == PROVISIONAL for each in gaps))


def _of_neither(figure: Figure) -> Figure:
    return Figure(figure.window, None, "no-data")


def _divided(figures: Sequence[Figure], starts: Sequence[Start]) -> list[tuple[Start, list[Figure]]]:
    """The figures by the section that each lies in; a period that a start cuts belongs to the section before."""
    if not figures:
        return []
    begun = [Start(figures[0].window.first, "")]
    begun += [each for each in starts if figures[0].window.first <= each.first <= figures[-1].window.last]
    held: list[list[Figure]] = [[] for _ in begun]
    for figure in figures:
        held[max(n for n, each in enumerate(begun) if each.first <= figure.window.first)].append(figure)
    return [(start, found) for start, found in zip(begun, held, strict=True) if found]


def _section(start: Start, held: Sequence[Figure]) -> Section:
    window = Window(held[0].window.first, held[-1].window.last)
    usable = sum(map(is_usable, held))
    if usable < LEAST_POINTS:
        return Section(window, None, usable, start.reason, f"{usable} points; limits need {LEAST_POINTS}")
    base = [each for each in held if start.until is None or each.window.last <= start.until]
    number = sum(map(is_usable, base))
    if number < LEAST_BASELINE:
        return Section(window, None, number, start.reason, f"a baseline of {number} points; it needs {LEAST_BASELINE}")
    stretches = [[each.precise for each in group] for use, group in groupby(base, key=is_usable) if use]
    if all(len(each) < 2 for each in stretches):
        return Section(window, None, number, start.reason, "no two points follow each other")
    return Section(window, limits_of(stretches), number, start.reason)


def _stretches(figures: Sequence[Figure], limits: Sequence[Limits | None], broken: Collection[date]) -> list[list[int]]:
    """Places of figures that follow each other without a gap or a break, and have limits."""
    found: list[list[int]] = [[]]
    for place, figure in enumerate(figures):
        is_judged = is_usable(figure) and limits[place] is not None
        if not is_judged or any(_breaks_before(figures, place, day) for day in broken):
            found.append([])
        if is_judged:
            found[-1].append(place)
    return [each for each in found if each]


def _breaks_before(figures: Sequence[Figure], place: int, day: date) -> bool:
    before = figures[place - 1].window.first if place else date.min
    return before < day <= figures[place].window.first


def _known(limits: Limits | None) -> Limits:
    assert limits is not None, "only those that have limits are judged"
    return limits


def shown(value: Exact) -> float:
    """A limit to two decimals."""
    return round(float(value), 2)
