"""A measure's figures as its control chart: what each point signals by the limits of its section. Pure."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal, NamedTuple

from services.metrics.figures import Exact, Figure
from services.metrics.periods import Window
from services.metrics.signals.sections import Section, Start, divided, is_usable, section_of
from services.metrics.signals.xmr import RUN, Limits, Placed, Side, Signal, signals

Good = Literal["up", "down", "neither"]
Variation = Literal["common cause", "improving", "concerning", "neither"]


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
    for start, held in divided(figures, sorted(starts, key=lambda each: each.first)):
        section = section_of(start, held)
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


def _of_neither(figure: Figure) -> Figure:
    return Figure(figure.window, None, "no-data")


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
