"""XmR control charts as in the NHS's "Making Data Count": the limits of a process, and four rules that tell of change.

Limits lie 2.66 mean moving ranges above and below the mean, which is three sigma. A point signals

  outside limits   where it lies beyond a limit
  shift            in a run of points on one side of the mean
  trend            in a run of points each higher, or each lower, than the one before
  two of three     beyond two sigma, in three points on one side of the mean of which two or more are

A trend goes on where a chart is rebased; a shift and two of three are of points that have the same mean and limits.

Sources: NHS England, Making Data Count; its "SPC charts: XmR testing" for the Single Chart Tool 5.0, by which a point
beyond a limit does not count as one of the two, and a run may be of 6 or 7; its "SPC Charts SQL Query" 2.6, for which
rules cross a rebase. All is worked out in exact fractions.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

from services.metrics.figures import Exact

RuleName = Literal["outside limits", "shift", "trend", "two of three"]
Side = Literal["high", "low"]
RUN = 7
"""How many points make a run, of a shift or a trend, where nothing else is asked for."""
_THREE_SIGMA = Fraction(266, 100)


class Signal(NamedTuple):
    """By which rule a point signals, and which way: `high` is above the mean, or rising."""

    rule: RuleName
    side: Side


class Limits(NamedTuple):
    """A process's mean and mean moving range."""

    mean: Fraction
    moving_range: Fraction

    @property
    def upper(self) -> Fraction:
        return self.mean + _THREE_SIGMA * self.moving_range

    @property
    def lower(self) -> Fraction:
        return self.mean - _THREE_SIGMA * self.moving_range

    def side(self, value: Exact) -> Side | None:
        """Which side of the mean; None on it."""
        return None if value == self.mean else "high" if value > self.mean else "low"

    def is_outside(self, value: Exact) -> bool:
        return abs(value - self.mean) > _THREE_SIGMA * self.moving_range

    def is_near(self, value: Exact) -> bool:
        """Whether it lies beyond two sigma and within the limits."""
        return not self.is_outside(value) and abs(value - self.mean) > _THREE_SIGMA * self.moving_range * 2 / 3


class Placed(NamedTuple):
    """A value and the limits that hold for it."""

    value: Exact
    limits: Limits


def limits_of(stretches: Sequence[Sequence[Exact]]) -> Limits:
    """The limits of values that follow each other, in stretches between which some are missing; two at least do."""
    values = [Fraction(value) for stretch in stretches for value in stretch]
    ranges = [abs(Fraction(after) - before) for stretch in stretches for before, after in pairwise(stretch)]
    return Limits(sum(values, Fraction(0)) / len(values), sum(ranges, Fraction(0)) / len(ranges))


def signals(points: Sequence[Placed], run: int = RUN) -> list[tuple[Signal, ...]]:
    """By which rules each of these points signals, which follow each other without a gap."""
    found: list[list[Signal]] = [[] for _ in points]
    for rule in (_outside, _shifts, _trends, _two_of_three):
        for place, side, name in rule(points, run):
            if Signal(name, side) not in found[place]:
                found[place].append(Signal(name, side))
    return [tuple(each) for each in found]


_Found = Iterator[tuple[int, Side, RuleName]]


def _outside(points: Sequence[Placed], run: int) -> _Found:
    del run
    for place, (value, limits) in enumerate(points):
        if limits.is_outside(value):
            yield place, "high" if value > limits.mean else "low", "outside limits"


def _shifts(points: Sequence[Placed], run: int) -> _Found:
    held = [(limits.side(value), limits) for value, limits in points]
    for (side, _), group in groupby(range(len(points)), key=held.__getitem__):
        places = list(group)
        if side and len(places) >= run:
            yield from ((place, side, "shift") for place in places)


def _trends(points: Sequence[Placed], run: int) -> _Found:
    steps = [_step(before.value, after.value) for before, after in pairwise(points)]
    for side, group in groupby(range(len(steps)), key=steps.__getitem__):
        places = list(group)
        if side and len(places) >= run - 1:
            yield from ((place, side, "trend") for place in (*places, places[-1] + 1))


def _step(before: Exact, after: Exact) -> Side | None:
    return None if after == before else "high" if after > before else "low"


def _two_of_three(points: Sequence[Placed], run: int) -> _Found:
    del run
    for first in range(len(points) - 2):
        three = range(first, first + 3)
        held = {(points[place].limits.side(points[place].value), points[place].limits) for place in three}
        near = [place for place in three if points[place].limits.is_near(points[place].value)]
        ((side, _), *others) = held
        if side and not others and len(near) >= 2:
            yield from ((place, side, "two of three") for place in near)
