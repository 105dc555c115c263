"""A control chart as lines and marks on a sheet of 760 by 320, for whatever draws it. Pure."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from services.metrics.signals.reading import Chart, Point

WIDTH, HEIGHT = 760, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 34, 34
_TICKS, _LABELS = 5, 8


class Mark(NamedTuple):
    """A point: where it stands, what it means, and its days and value in words."""

    x: float
    y: float
    variation: str
    text: str


class Level(NamedTuple):
    """A mean (`mean`) or a limit (`limit`) of a section, from one side of it to the other."""

    left: float
    right: float
    y: float
    kind: str


class Event(NamedTuple):
    """What happened, or a break of the series: its place, and its number in the list below the chart."""

    x: float
    number: int
    text: str
    is_break: bool


class Tick(NamedTuple):
    """A label of an axis and where it stands."""

    at: float
    text: str


class Drawing(NamedTuple):
    """Everything that is drawn. `paths`: the points' lines, each `x,y x,y`; gaps and breaks part them."""

    paths: list[str]
    marks: list[Mark]
    levels: list[Level]
    events: list[Event]
    across: list[Tick]
    up: list[Tick]


class _Scale:
    """From places among the points and values to places on the sheet."""

    def __init__(self, chart: Chart) -> None:
        self._points = chart.points
        seen = [_value(each) for each in chart.points if each.figure.value is not None]
        limits = [each.limits for each in chart.points if each.limits]
        seen += [float(level) for each in limits for level in (each.lower, each.upper)]
        low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
        room = (high - low or abs(high) or 1.0) * 0.06
        self._low, self._high = low - room, high + room

    def x(self, place: float) -> float:
        width = WIDTH - _LEFT - _RIGHT
        return round(_LEFT + width * (place + 0.5) / max(len(self._points), 1), 1)

    def x_of(self, day: date) -> float:
        """Where a day lies within its period, or at the edge nearest to it."""
        for place, each in enumerate(self._points):
            window = each.figure.window
            if day <= window.last:
                return self.x(place - 0.5 + max(0, (day - window.first).days) / window.days)
        return self.x(len(self._points) - 0.5)

    def y(self, value: float) -> float:
        height = HEIGHT - _TOP - _BOTTOM
        return round(_TOP + height * (self._high - value) / (self._high - self._low), 1)

    def across(self) -> list[Tick]:
        step = max(1, -(-len(self._points) // _LABELS))
        return [Tick(self.x(n), f"{each.figure.window.first:%b %Y}") for n, each in enumerate(self._points)][::step]

    def up(self) -> list[Tick]:
        values = [self._low + (self._high - self._low) * n / (_TICKS - 1) for n in range(_TICKS)]
        decimals = 0 if self._high - self._low >= _TICKS else 2
        return [Tick(self.y(each), f"{each:,.{decimals}f}") for each in values]


def draw(chart: Chart, happened: Sequence[tuple[date, str, bool]]) -> Drawing:
    """`happened`: what is marked, each a day, its words, and whether the series breaks there."""
    points = chart.points
    scale = _Scale(chart)
    valued = [(n, each) for n, each in enumerate(points) if each.figure.value is not None]
    breaks = [day for day, _, is_break in happened if is_break]
    runs = [list(group) for _, group in groupby(enumerate(valued), key=lambda each: _run(each[0], each[1], breaks))]
    paths = [" ".join(f"{scale.x(n)},{scale.y(_value(each))}" for _, (n, each) in run) for run in runs]
    marks = [Mark(scale.x(n), scale.y(_value(each)), each.variation or "unsaid", _words(each)) for n, each in valued]
    events = [
        Event(scale.x_of(day), number, text, is_break) for number, (day, text, is_break) in enumerate(happened, 1)
    ]
    return Drawing(paths, marks, _levels(points, scale), events, scale.across(), scale.up())


def _levels(points: Sequence[Point], scale: _Scale) -> list[Level]:
    found = []
    for limits, group in groupby(enumerate(points), key=lambda each: each[1].limits):
        places = [n for n, _ in group]
        if limits:
            left, right = scale.x(places[0] - 0.5), scale.x(places[-1] + 0.5)
            found.append(Level(left, right, scale.y(float(limits.mean)), "mean"))
            found += [Level(left, right, scale.y(float(each)), "limit") for each in (limits.lower, limits.upper)]
    return found


def _run(number: int, placed: tuple[int, Point], breaks: Sequence[date]) -> tuple[int, int]:
    """The same for points that follow each other without a gap or a break."""
    place, point = placed
    return place - number, sum(day <= point.figure.window.first for day in breaks)


def _words(point: Point) -> str:
    window, said = point.figure.window, ", ".join(f"{each.rule} ({each.side})" for each in point.signals)
    return f"{window.first} to {window.last}: {point.figure.value:,}{f' {said}' if said else ''}"


def _value(point: Point) -> float:
    return float(point.figure.value or 0)
