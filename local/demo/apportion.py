"""Sharing whole numbers out in proportion, so that the shares add up to the digit (largest remainders)."""

from collections.abc import Sequence
from math import floor, inf


def place(total: int, wanted: Sequence[float], room: Sequence[float]) -> list[int]:
    """`total` units over places, as near to `wanted` as whole numbers come and within each place's `room`.

    `wanted` adds up to `total`, and may be below zero for a place that was given too much before. The first of
    equal places wins. ValueError if the places have not room for the total.
    """
    if sum(room) < total:
        raise ValueError(f"there is room for {sum(room)} of {total}")
    given = [min(floor(max(0.0, w)), int(r) if r != inf else total) for w, r in zip(wanted, room, strict=True)]
    left = total - sum(given)
    step = 1 if left > 0 else -1
    while left:
        by_need = sorted(range(len(given)), key=lambda n: (step * (given[n] - wanted[n]), step * n))
        for n in by_need:
            if left and 0 <= given[n] + step <= room[n]:
                given[n] += step
                left -= step
    return given


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """`total` over places in proportion to their weights; ValueError if all weights are 0."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("no place has a weight above 0")
    return place(total, [total * weight / whole for weight in weights], [inf] * len(weights))


class Carry:
    """Shares out one total after another, each place's rounding error carried to the next.

    Without it the same few places would be rounded up every month, and a borough that should have one crime of a
    rare class a year would never have any.
    """

    def __init__(self, places: int) -> None:
        self._owed = [0.0] * places

    def apportion(self, total: int, weights: Sequence[float], room: Sequence[float] | None = None) -> list[int]:
        """`total` over the places in proportion to `weights`, within their `room`."""
        whole = sum(weights)
        wanted = [owed + total * w / whole for owed, w in zip(self._owed, weights, strict=True)]
        given = place(total, wanted, room if room is not None else [inf] * len(weights))
        self._owed = [w - g for w, g in zip(wanted, given, strict=True)]
        return given
