"""Editions of monthly counts: what the latest one of each area and month no longer has of what earlier ones had. Pure.

Counts are known by the revision with which they were posted. An edition covers each area in the months of which it has
a figure of that area; of those it is the whole truth, so that a count of an earlier edition that it does not have is
withdrawn. A cell that it leaves blank is there without a figure: of that it says nothing, and an earlier one stands.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from local.importers.datastore import Cell

ByMonth = dict[str, int]
"""A revision by month, YYYY-MM."""
Place = tuple[str, str]
"""Area id, month (YYYY-MM)."""


class Known(msgspec.Struct):
    """Of one dataset: the revision of each count by `area|offence`, and of the latest edition that covers an area.

    `said`, by `area|offence`: where an edition left a cell blank, the latest one that did not, which counts instead.
    """

    counts: dict[str, ByMonth] = {}
    covered: dict[str, ByMonth] = {}
    said: dict[str, ByMonth] = {}


@dataclass(frozen=True, slots=True)
class Edition:
    """What a file has figures of, which cells are blank, and what it covers: nothing, where it may not be whole."""

    revision: int
    cells: AbstractSet[Cell]
    blank: AbstractSet[Cell]
    places: AbstractSet[Place]


class Gone(NamedTuple):
    """A count that the latest edition no longer has, and the revision with which it was posted."""

    cell: Cell
    revision: int


def places_covered(found: AbstractSet[Place], boroughs: AbstractSet[str], others: AbstractSet[str]) -> set[Place]:
    """Places that a file speaks of, having figures of those `found`.

    No borough ever vanishes, so one that a month lacks is left out of it: on purpose, or for the file was cut off. But
    of `others` (`unknown`, the airports) a month of all boroughs says that nothing is there by having no row of them.
    """
    of_all = {month for _, month in found if all((borough, month) in found for borough in boroughs)}
    return {*found, *((area, month) for area in others for month in of_all)}


def learn(known: Known, editions: Sequence[Edition]) -> None:
    """Add the counts of `editions`, which are about to be posted."""
    for edition in editions:
        for area, offence, month in edition.cells:
            months = known.counts.setdefault(f"{area}|{offence}", {})
            months[month] = max(edition.revision, months.get(month, 0))


def succeed(known: Known, editions: Sequence[Edition]) -> tuple[Known, list[Gone]]:
    """What is known once `editions` cover what they do, and what is not in the latest one, in a fixed order.

    What is gone is not known any more, until an edition has it again.
    """
    later = deepcopy(known)
    for edition in editions:
        _say(later, edition)
        for area, month in edition.places:
            months = later.covered.setdefault(area, {})
            months[month] = max(edition.revision, months.get(month, 0))
    gone = sorted(each for each in _all(later) if each.revision < _latest(later, each.cell))
    for area, offence, month in (each.cell for each in gone):
        del later.counts[f"{area}|{offence}"][month]
    return later, gone


def _say(known: Known, edition: Edition) -> None:
    """Note of which cells `edition`, which is not in `covered` yet, says nothing."""
    blank = {cell for cell in edition.blank - edition.cells if (cell[0], cell[2]) in edition.places}
    for name, months in known.said.items():
        area, _, offence = name.partition("|")
        for month in months:
            if (area, month) in edition.places and (area, offence, month) not in blank:
                months[month] = max(edition.revision, months[month])
    for area, offence, month in blank:
        known.said.setdefault(f"{area}|{offence}", {}).setdefault(month, known.covered.get(area, {}).get(month, 0))


def _latest(known: Known, cell: Cell) -> int:
    """The latest edition that says anything of a cell, a figure or that there is none; 0 if none does."""
    area, offence, month = cell
    covered = known.covered.get(area, {}).get(month, 0)
    return known.said.get(f"{area}|{offence}", {}).get(month, covered)


def by_place(counts: Sequence[Gone]) -> Counter[str]:
    """How many there are of each area and month, by their names."""
    return Counter(f"{area} {month}" for (area, _, month), _ in counts)


def by_row(counts: Sequence[Gone], editions: Sequence[Edition]) -> Counter[str]:
    """How many there are of each area and class, by their names, of the classes that `editions` have anywhere.

    Classes are redrawn everywhere. One that is lost in some areas alone may have stood where a file was cut off.
    """
    classes = {offence for edition in editions for _, offence, _ in edition.cells}
    return Counter(f"{area} {offence}" for (area, offence, _), _ in counts if offence in classes)


def known_of(known: Known, editions: Sequence[Edition]) -> list[Gone]:
    """The counts that are known of the areas and months that `editions` cover."""
    places = {place for edition in editions for place in edition.places}
    return [each for each in _all(known) if (each.cell[0], each.cell[2]) in places]


def how_many_later(known: Known, editions: Sequence[Edition]) -> int:
    """Of how many areas and months that `editions` cover a later one is known, which stands."""
    revisions = [(each.revision, place) for each in editions for place in each.places]
    return sum(known.covered.get(area, {}).get(month, 0) > revision for revision, (area, month) in revisions)


def _all(known: Known) -> Iterator[Gone]:
    for name, months in known.counts.items():
        area, _, offence = name.partition("|")
        for month, revision in months.items():
            yield Gone((area, offence, month), revision)
