"""What differs between two generations of counts. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from services.metrics.cubes import matrix_of
from services.metrics.layout import Layout
from services.metrics.rows import ROW, Array


class Difference(NamedTuple):
    """London's count of a measure in a month (of a percentile: its records), or how many figures are posted.

    `month` is YYYY-MM, empty for posted figures. Equal numbers are listed where the areas, or the texts, differ.
    """

    dataset: str
    month: str
    measure: str
    old: int
    new: int


class Sums:
    """The facts of one month of a dataset in two generations, partition by partition."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._old: Array = np.zeros((layout.rows, layout.width), np.int64)
        self._new: Array = self._old.copy()

    def add(self, old: Array, new: Array) -> None:
        """Add rows (rows.ROW); of a log that begins as the other does, only what follows is summed."""
        same = min(len(old), len(new))
        parted = np.flatnonzero(old[:same].view(_BYTES) != new[:same].view(_BYTES))
        begin = int(parted[0]) if len(parted) else same
        self._old += matrix_of(self._layout, old[begin:])
        self._new += matrix_of(self._layout, new[begin:])
        if begin:
            both = matrix_of(self._layout, old[:begin])
            self._old += both
            self._new += both

    def differences(self, dataset: str, month: str) -> Iterator[Difference]:
        """Every measure that differs in any area."""
        columns: Mapping[str, int | slice] = {**self._layout.places, **self._layout.histograms}
        for measure, column in columns.items():
            old, new = self._old[:, column], self._new[:, column]
            if not np.array_equal(old, new):
                region = self._layout.region
                yield Difference(dataset, month, measure, int(np.sum(old[region])), int(np.sum(new[region])))


_BYTES = np.dtype((np.void, ROW.itemsize))


class Figures:
    """The texts of a dataset's posted figures in two generations, by stream and field."""

    def __init__(self) -> None:
        self.old: dict[tuple[str, bytes], bytes] = {}
        self.new: dict[tuple[str, bytes], bytes] = {}

    def add(self, stream: str, old: Mapping[bytes, bytes], new: Mapping[bytes, bytes]) -> None:
        """Add a partition's texts by their field."""
        self.old |= {(stream, name): text for name, text in old.items()}
        self.new |= {(stream, name): text for name, text in new.items()}


def posted(dataset: str, figures: Figures) -> Iterator[Difference]:
    """Whether the posted figures of a dataset differ."""
    if figures.old != figures.new:
        yield Difference(dataset, "", "posted figures", len(figures.old), len(figures.new))
