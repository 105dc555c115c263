"""By how much what is withheld of a family could differ without any figure that is told being another. Pure.

Two areas could have had each other's crimes. Had a crime of one strand been of another in one area, and in another area
the other way round, each strand of London would be what it is, and all hate crime of either area:

                 strand s   strand t                      strand s   strand t
    Camden           3          4       could have been       4          3
    Hackney          2          6                             1          7

So a count is as open as such swaps can make it: each leads to counts that fit all that is told, and nobody can tell
them from the true ones. A crime may also be of `s` besides being of others, or no longer; and where the whole is
withheld too, it may be any other crime of the area. Which crimes are of two strands nobody is told: no strand must come
to more than the whole, nor all of them to less.
"""

from typing import NamedTuple

import numpy as np

from services.metrics.suppression.secondary import Counts, Mask


class Table(NamedTuple):
    """A family in one period: `strands` and `hidden` by strand and area, the rest by area.

    `others`: how many crimes are none of the family's. `free`: where the whole is withheld.
    """

    strands: Counts
    whole: Counts
    others: Counts
    hidden: Mask
    free: Mask


def leeway(table: Table) -> Counts:
    """By strand and area: how many numbers besides the true one a withheld count could be, at least."""
    lost, gained = _lost(table), _gained(table)
    more = np.minimum(gained, _elsewhere(lost)).max(axis=1)
    fewer = np.minimum(lost, _elsewhere(gained)).max(axis=1)
    found: Counts = (more + fewer) * table.hidden
    return found


def _lost(table: Table) -> Counts:
    """By strand, way and area: how many of its crimes could have been not of it.

    The ways: of each strand instead (of itself: none), of those alone that they are of besides, of no strand.
    """
    strands, whole, hidden, size = table.strands, table.whole, table.hidden, len(table.strands)
    instead = np.minimum(strands[:, None], whole - strands[None, :]) * hidden[:, None] * hidden[None, :]
    instead[np.arange(size), np.arange(size)] = 0
    besides = np.minimum(strands, strands.sum(axis=0) - whole) * hidden
    largest_other = np.array([np.delete(strands, place, axis=0).max(axis=0, initial=0) for place in range(size)])
    none = np.minimum(strands, whole - largest_other) * table.free
    return _ways(instead, besides, none)


def _gained(table: Table) -> Counts:
    """By strand, way and area: how many crimes of each way could have been of the strand."""
    instead = _lost(table)[:, : len(table.strands)].swapaxes(0, 1)
    room = (table.whole - table.strands) * table.hidden
    none = np.broadcast_to(table.others * table.free, room.shape)
    return _ways(instead, room, none)


def _ways(instead: Counts, besides: Counts, none: Counts) -> Counts:
    return np.concatenate([instead, besides[:, None], none[:, None]], axis=1)


def _elsewhere(amounts: Counts) -> Counts:
    """In all other areas together."""
    found: Counts = amounts.sum(axis=-1, keepdims=True) - amounts
    return found
