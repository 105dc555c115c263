"""What is withheld of a family: of a whole, as hate crime, and of the strands that it is all of. Pure.

London's total must not tell a count (`secondary`), nor the area's whole and its other strands (`swaps`). What is
withheld for the one may want more withheld for the other, until nothing is wanted.
"""

import numpy as np

from services.metrics.suppression.secondary import Counts, Mask, withheld
from services.metrics.suppression.swaps import Table, leeway


class SettledFamily:
    """One family in one period: counts of its strands by area, of the whole, and the most that the whole can be.

    `seeds`: by strand and area, what is to be withheld in any case.
    """

    def __init__(self, strands: Counts, whole: Counts, caps: Counts, below: int, seeds: Mask) -> None:
        self._strands, self._whole, self._caps, self._below = strands, whole, caps, below
        self._seeds, self._seed = seeds.copy(), np.zeros(whole.shape, bool)

    def settled(self) -> Table:
        while True:
            table = self._table()
            # Each time one more count of an area is withheld, of which there are not many.
            if not self._seed_more(table):
                return table

    def _table(self) -> Table:
        free = withheld(self._whole, self._caps, self._seed, self._below)
        # What is withheld of the whole must not show in its parts; what is told of it is the most they can be.
        most = self._most(free)
        hidden = [
            withheld(counts, caps, seeds | free, self._below)
            for counts, caps, seeds in zip(self._strands, most, self._seeds, strict=True)
        ]
        return Table(self._strands, self._whole, np.maximum(self._caps - self._whole, 0), np.array(hidden), free)

    def _most(self, free: Mask) -> Counts:
        most: Counts = np.minimum(self._strands.sum(axis=1, keepdims=True), np.where(free, self._caps, self._whole))
        return most

    def _seed_more(self, table: Table) -> bool:
        """Withholds more in each area where swaps do not leave a count open; whether there was any."""
        wanting = table.hidden & (leeway(table) < np.minimum(self._most(table.free), self._below))
        return sum(self._seed_area(int(area), table) for area in np.flatnonzero(wanting.any(axis=0))) > 0

    def _seed_area(self, area: int, table: Table) -> bool:
        """The smallest strand of it that is told; where all are withheld, the whole; then that of the smallest area."""
        told = ~table.hidden[:, area] & (self._most(table.free)[:, area] > 0)
        if told.any():
            self._seeds[np.where(told, self._strands[:, area], np.iinfo(int).max).argmin(), area] = True
            return True
        if not table.free[area]:
            self._seed[area] = True
            return True
        open_areas = ~table.free & (self._caps > 0)
        if open_areas.any():
            self._seed[np.where(open_areas, self._whole, np.iinfo(int).max).argmin()] = True
        return bool(open_areas.any())
