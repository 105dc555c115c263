"""By how much what is withheld of a family could differ without any figure that is told being another. Pure.

Two areas could have had each other's crimes. Had a crime of one strand been of another in one area, and in another area
the other way round, each strand of London would be what it is, and all hate crime of either area:

                 strand s   strand t                      strand s   strand t
    Camden           3          4       could have been       4          3
    Hackney          2          6                             1          7

So a count is as open as such swaps can make it, of several kinds together: each leads to counts that fit all that is
told, and nobody can tell them from the true ones. A crime may also be of `s` besides being of others, or no longer; and
where the whole is withheld too, it may be any other crime of the area. Which crimes are of two strands nobody is told:
no strand must come to more than the whole, nor all of them to less.
"""

from itertools import product
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


class Moves(NamedTuple):
    """How many crimes of an area could have been of a strand, or not, by strand and area.

    `ways`: of each strand instead (of itself: none), and of the others besides, by way too; together no more than
    `room`. `none`: of no strand instead; with the ways, no more than `most`.
    """

    ways: Counts
    room: Counts
    none: Counts
    most: Counts

    def chosen(self, choices: Counts) -> Counts:
        """How many by some of the ways and of none, which is the last; `choices`, with 0 or 1 for each, come first."""
        found: Counts = np.minimum(self.room, np.einsum("cw,swa->csa", choices[:, :-1], self.ways))
        return np.minimum(self.most, found + choices[:, -1, None, None] * self.none)

    def without_none(self) -> "Moves":
        return self._replace(none=np.zeros_like(self.none), most=self.room)


def leeway(table: Table) -> Counts:
    """By strand and area: how many numbers besides the true one a withheld count could be, at least."""
    lost, gained = _lost(table), _gained(table)
    found: Counts = (_met(gained, lost) + _met(lost, gained)) * table.hidden
    return found


def _met(here: Moves, there: Moves) -> Counts:
    return np.maximum(_flow(here, there), _flow(here.without_none(), there.without_none()))


def _flow(here: Moves, there: Moves) -> Counts:
    """By strand and area: how many moves in it the others can meet with the opposite moves."""
    choices = np.array(list(product([0, 1], repeat=here.ways.shape[1] + 1)))
    # What can flow by several ways is as much as the narrowest cut lets through.
    found: Counts = (here.chosen(1 - choices) + _elsewhere(there.chosen(choices))).min(axis=0)
    return found


def _lost(table: Table) -> Moves:
    strands, whole = table.strands, table.whole
    besides = np.minimum(strands, strands.sum(axis=0) - whole) * table.hidden
    largest_other = np.array([np.delete(strands, own, axis=0).max(axis=0, initial=0) for own in range(len(strands))])
    none = np.minimum(strands, whole - largest_other)
    # Each that is of none leaves the whole one less, which the other strands must not exceed.
    return Moves(_ways(_instead(table), besides), strands, none * table.free, np.where(table.free, none, strands))


def _gained(table: Table) -> Moves:
    room = table.whole - table.strands
    none = np.broadcast_to(table.others * table.free, room.shape)
    return Moves(_ways(_instead(table).swapaxes(0, 1), room * table.hidden), room, none, room + none)


def _ways(instead: Counts, besides: Counts) -> Counts:
    return np.concatenate([instead, besides[:, None]], axis=1)


def _instead(table: Table) -> Counts:
    """By strand, another and area: how many crimes of the one could have been of the other."""
    strands, whole, hidden = table.strands, table.whole, table.hidden
    found: Counts = np.minimum(strands[:, None], whole - strands[None, :]) * hidden[:, None] * hidden[None, :]
    found[np.arange(len(strands)), np.arange(len(strands))] = 0
    return found


def _elsewhere(amounts: Counts) -> Counts:
    """In all other areas together."""
    found: Counts = amounts.sum(axis=-1, keepdims=True) - amounts
    return found
