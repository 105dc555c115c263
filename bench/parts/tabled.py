"""The table of 33 areas and 30 measures in two windows, asked of metrics' queries, and whether it is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parts.constructed import FIRST, YEAR_DAYS, Crimes
from parts.ratios import Wrong
from parts.stored import area_counts
from services.metrics.comparisons import Comparison, compare
from services.metrics.periods import Window
from services.metrics.queries import Queries
from services.metrics.store import Reader
from services.metrics.suppression import Suppression
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.terms import Area

MEASURES = 30
WINDOWS = [Window(date(2016, 7, 1), date(2017, 6, 30)), Window(date(2015, 7, 1), date(2016, 6, 30))]
Cells = Mapping[tuple[str, int], Comparison]
"""By measure and the area's index."""


@dataclass(frozen=True)
class Asked:
    """What the table asks for: the first 30 counts of crimes that are declared, in the boroughs."""

    measures: list[Measure]
    areas: list[Area]
    sensitive: frozenset[str]

    @classmethod
    def of(cls, known: Reference) -> "Asked":
        counts = [each for each in known.measures if each.of == "crime"]
        boroughs = [area for area in known.areas if area.kind == "borough"]
        return cls(counts[:MEASURES], boroughs, Suppression(known).sensitive)

    async def cells(self, queries: Queries, dataset: str) -> Cells:
        """Every figure and its change, as a table shows them."""
        found, _ = await queries.figures_by_area(self.measures, self.areas, dataset, WINDOWS)
        return {place: compare(current, [before]) for place, (current, before) in found.items()}

    async def sums(self, reader: Reader, dataset: str) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The bare counts in both windows and their difference."""
        current, before = await reader.sums("crime", dataset, WINDOWS)
        return current, before, current - before

    def check(self, cells: Cells, crimes: Crimes) -> int:
        """How many cells were compared with what was stored: of published rows, if told. Raises Wrong."""
        index = {area.id: area.index for area in self.areas}
        known = {measure.id for measure in self.measures}
        compared = 0
        for current, before in zip(_counts(crimes, 1), _counts(crimes, 0), strict=True):
            measure, now, then = current[0], current[1], before[1]
            for place, area in enumerate(crimes.area_ids):
                if measure not in known or area not in index:
                    continue
                cell = cells[measure, index[area]]
                if measure in self.sensitive and "suppressed" in (cell.current.status, cell.baseline.status):
                    continue
                right = (now[place], then[place], now[place] - then[place])
                if (cell.current.value, cell.baseline.value, cell.change) != right:
                    raise Wrong(f"{measure} in {area} is {cell}, truly {right}")
                compared += 1
        return compared


def _counts(crimes: Crimes, year: int) -> list[tuple[str, NDArray[np.int64]]]:
    first = sum(YEAR_DAYS[:year])
    return list(area_counts(crimes, first, first + YEAR_DAYS[year] - 1))


def check_priorities(answer: dict[str, Any], crimes: Crimes, known: Reference) -> int:
    """How many boroughs' priorities were compared with what was stored: those on published rows. Raises Wrong."""
    then, now = (_quarter(crimes, year) for year in (2016, 2017))
    compared = 0
    for row in answer["rows"]:
        place = crimes.area_ids.index(row["area"])
        for priority, cell in zip(known.priorities[row["area"]], row["priorities"], strict=True):
            if priority.measure in now:
                right = (int(then[priority.measure][place]), int(now[priority.measure][place]))
                if (cell["previous"], cell["current"]) != right:
                    raise Wrong(f"{priority.title} in {row['name']} is {cell}, truly {right}")
                compared += 1
    return compared


def _quarter(crimes: Crimes, year: int) -> dict[str, NDArray[np.int64]]:
    first, last = ((date(year, *day) - FIRST).days for day in ((4, 1), (6, 30)))
    return dict(area_counts(crimes, first, last))
