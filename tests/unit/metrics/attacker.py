"""Works out what is withheld from what is published: linear algebra over rationals, then bounds of whole numbers."""

from collections import defaultdict
from fractions import Fraction


class Algebra:
    """Sums of unknown cells whose values are known, in reduced echelon form; a sum is a set of cells, or weighted."""

    def __init__(self):
        self._rows = {}  # by pivot: the row, its pivot's coefficient 1 and no other row's pivot in it
        self._holding = defaultdict(set)

    def learn(self, cells):
        row = self._reduced(cells)
        if not row:
            return
        pivot = min(row)
        row = {cell: amount / row[pivot] for cell, amount in row.items()}
        for other in list(self._holding[pivot]):
            self._replace(other, _less(self._rows[other], row, self._rows[other][pivot]))
        self._replace(pivot, row)

    def tells(self, cells):
        """Whether the sum of these cells follows from what was learnt, whatever the values were."""
        return not self._reduced(cells)

    def _reduced(self, cells):
        row = {cell: Fraction(1) for cell in cells} if not isinstance(cells, dict) else dict(cells)
        for pivot in [cell for cell in row if cell in self._rows]:
            row = _less(row, self._rows[pivot], row[pivot])
        return row

    def _replace(self, pivot, row):
        for cell in self._rows.get(pivot, ()):
            self._holding[cell].discard(pivot)
        self._rows[pivot] = row
        for cell in row:
            if cell != pivot:
                self._holding[cell].add(pivot)


def _less(row, other, times):
    found = dict(row)
    for cell, amount in other.items():
        left = found.get(cell, 0) - times * amount
        if left:
            found[cell] = left
        else:
            found.pop(cell, None)
    return found


class Bounds:
    """The least and the most that each cell can be, narrowed until nothing more follows."""

    def __init__(self, most):
        self.low, self.high = dict.fromkeys(most, 0), dict(most)

    def known(self, cell, value):
        self.low[cell] = self.high[cell] = value

    def narrow(self, totals, inside, unions):
        """`totals`: (cells, value); `inside`: (less, more); `unions`: (cell, those that it is all of)."""
        before = None
        while before != (self.low, self.high):
            before = dict(self.low), dict(self.high)
            for cells, value in totals:
                least, most = sum(self.low[cell] for cell in cells), sum(self.high[cell] for cell in cells)
                for cell in cells:
                    low, high = self.low[cell], self.high[cell]
                    self._set(cell, value - (most - high), value - (least - low))
            for less, more in inside:
                self._set(less, 0, self.high[more])
                self._set(more, self.low[less], self.high[more])
            for cell, parts in unions:
                most = sum(self.high[part] for part in parts)
                self._set(cell, 0, most)
                for part in parts:
                    self._set(part, self.low[cell] - (most - self.high[part]), self.high[part])

    def _set(self, cell, low, high):
        self.low[cell], self.high[cell] = max(self.low[cell], low), min(self.high[cell], high)
