"""A figure: a measure's value in a window, what it rests on, what it was computed from, what is missing. Pure."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from services.metrics.extents import Status
from services.metrics.periods import Window

Number = int | float
Exact = int | Fraction
DECIMALS = 4
"""Decimals that a value is shown with where it does not end sooner; what is computed from it is computed exactly."""
PROVISIONAL = "provisional"
_GRAVITY: dict[Status, int] = {"complete": 0, "partial": 1, "incomplete": 2, "no-data": 3, "suppressed": 4}


class Gap(NamedTuple):
    """Days, both included, for which `measure` lacks something, and what."""

    first: date
    last: date
    reason: str
    measure: str


class Figure(msgspec.Struct, frozen=True, gc=False):
    """A measure's value in a window. `value` is None exactly when the status is `no-data` or `suppressed`; not zero.

    `parts` holds the (measure id, value) that a derived value was computed from; `missing` says why a status is not
    `complete`; `exact` is the value before rounding, where that is not the value itself.
    """

    window: Window
    value: Number | None
    status: Status
    parts: tuple[tuple[str, Number | None], ...] = ()
    missing: tuple[Gap, ...] = ()
    exact: Fraction | None = None

    @property
    def precise(self) -> Exact:
        """The value before rounding; not for a figure without one."""
        assert self.value is not None, "there is no data"
        return self.exact if self.exact is not None else exactly(self.value)


def exactly(value: Number) -> Exact:
    """The number that a decimal text stands for: 0.1 is a tenth, whatever binary makes of it."""
    return value if isinstance(value, int) else Fraction(repr(value))


def half_up(value: Exact, decimals: int) -> Number:
    """Rounded half away from zero; whole numbers as such, and never minus zero."""
    if isinstance(value, int):
        return value
    scale: int = 10**decimals
    units = (2 * abs(value.numerator) * scale + value.denominator) // (2 * value.denominator)
    signed = units if value.numerator >= 0 else -units
    return signed // scale if signed % scale == 0 else signed / scale


def worst(statuses: Iterable[Status]) -> Status:
    """The gravest of them: what is computed from several figures is no better than any of them."""
    return max(statuses, key=_GRAVITY.__getitem__)


def lacking(figures: Iterable[Figure]) -> Status:
    """The status of what cannot be computed from these: `suppressed` where one of them is withheld, else `no-data`."""
    return "suppressed" if any(each.status == "suppressed" for each in figures) else "no-data"


def merged(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Each gap once, in the order of their days."""
    return tuple(sorted(set(gaps)))


def window_json(window: Window) -> dict[str, Any]:
    """`{from, to}`."""
    return {"from": window.first.isoformat(), "to": window.last.isoformat()}


def missing_json(gaps: Iterable[Gap]) -> list[dict[str, Any]]:
    """`[{from, to, reason, measure}]`."""
    return [
        {**window_json(Window(each.first, each.last)), "reason": each.reason, "measure": each.measure} for each in gaps
    ]


def parts_json(figure: Figure) -> list[dict[str, Any]]:
    """`[{measure, value}]`: what a derived value was computed from."""
    return [{"measure": measure, "value": value} for measure, value in figure.parts]
