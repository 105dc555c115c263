"""What of one period is withheld: of every sensitive count, in every part of London. Pure.

Each measure's column must not be told by London's total (`secondary`), nor an area's row by a whole and its other
parts (`unions`). What is withheld for the one may want more withheld for the other, until nothing is wanted.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from services.metrics.suppression.rule import Suppression
from services.metrics.suppression.secondary import Counts, Mask, bounds, withheld
from services.metrics.suppression.unions import Union

Count = Callable[[str], Counts]


class Column(NamedTuple):
    """A measure's counts by area, what others say that each is at least and at most, and which are withheld."""

    counts: Counts
    floors: Counts
    caps: Counts
    hidden: Mask

    @property
    def doubtful(self) -> Mask:
        return self.caps > self.floors


class Settling:
    """The counts of one period, from `count`, which answers those of a measure by part of London."""

    def __init__(self, suppression: Suppression, count: Count) -> None:
        self._suppression, self._count, self._below = suppression, count, suppression.rule.below
        self._seeds: dict[str, Mask] = {}

    def masks(self) -> Mapping[str, Mask]:
        """What is withheld, by measure; of those that count the same, the first declared."""
        columns = self._columns()
        while self._seed(columns):
            # Each time one more count is withheld, of which there are not many.
            columns = self._columns()
        return {name: column.hidden for name, column in columns.items()}

    def _columns(self) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for name in self._suppression.distinct:
            self._column(name, found)
        return found

    def _column(self, name: str, found: dict[str, Column]) -> Column:
        if name not in found:
            nest, counts = self._suppression.nest(name), self._count(name)
            # An area's count can be no more than London's.
            caps = np.minimum.reduce([np.full_like(counts, counts.sum()), *map(self._count, nest.outer)])
            floors = np.maximum.reduce([np.zeros_like(counts), *map(self._count, nest.inner)])
            seed = self._seeds.get(name, np.zeros(len(counts), bool))
            for outer in nest.sensitive:
                hidden = self._column(outer, found).hidden
                # What is withheld of the whole must not show in its parts; what is told of it is the most they can be.
                seed = seed | hidden
                caps = np.where(hidden, caps, np.minimum(caps, self._count(outer)))
            found[name] = Column(counts, floors, caps, withheld(counts, floors, caps, seed, self._below))
        return found[name]

    def _seed(self, columns: Mapping[str, Column]) -> bool:
        """Whether anything more is to be withheld, because a whole and its other parts would tell of a part."""
        seeded = False
        for union in self._suppression.unions:
            for area in self._told_of(union, columns):
                wanted = self._wanted(union, columns, area)
                for name in wanted:
                    self._seeds.setdefault(name, np.zeros(len(columns[name].counts), bool))[area] = True
                seeded = seeded or bool(wanted)
        return seeded

    def _told_of(self, union: Union, columns: Mapping[str, Column]) -> list[int]:
        """The areas whose whole is told, and something of whose parts is not."""
        hidden = [columns[each].hidden for each in union.parts if each in columns]
        found: list[int] = np.flatnonzero(np.logical_or.reduce(hidden) & ~columns[union.whole].hidden).tolist()
        return found

    def _wanted(self, union: Union, columns: Mapping[str, Column], area: int) -> list[str]:
        """The parts to be withheld besides; the whole where its parts are not enough."""
        row = Column(*map(np.array, zip(*(self._cell(each, columns, area) for each in union.parts), strict=True)))
        if self._is_safe(row):
            return []
        found = withheld(row.counts, row.floors, row.caps, row.hidden, self._below) & ~row.hidden
        wanted = [union.parts[place] for place in np.flatnonzero(found)]
        return wanted or ([union.whole] if columns[union.whole].doubtful[area] else [])

    def _cell(self, name: str, columns: Mapping[str, Column], area: int) -> tuple[int, int, int, bool]:
        """Of a part: its count, the least and the most that it can be, and whether it is withheld."""
        column = columns.get(name)
        if column is None or not column.doubtful[area]:
            count = int(self._count(name)[area])
            return count, count, count, False
        return int(column.counts[area]), int(column.floors[area]), int(column.caps[area]), bool(column.hidden[area])

    def _is_safe(self, row: Column) -> bool:
        hidden = row.hidden
        low, high = bounds(int(row.counts[hidden].sum()), row.floors[hidden], row.caps[hidden])
        return bool(np.all(high - low >= np.minimum(row.caps[hidden] - row.floors[hidden], self._below)))
