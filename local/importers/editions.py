"""Editions of monthly counts: what the latest one of each area and month no longer has of what earlier ones had. Pure.

Counts are known by the revision with which they were posted. An edition covers the areas and months of which it has a
figure; of those it is the whole truth, so that a count of an earlier edition that it does not have is withdrawn. A cell
that it leaves blank is there without a figure: the earlier one stands.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from local.importers.datastore import Cell

ByMonth = dict[str, int]
"""A revision by month, YYYY-MM."""


class Known(msgspec.Struct):
    """Of one dataset: the revision of each count by `area|offence`, and of the latest edition that covers an area."""

    counts: dict[str, ByMonth] = {}
    covered: dict[str, ByMonth] = {}


@dataclass(frozen=True, slots=True)
class Edition:
    """What a file has figures of, which cells are blank, and what it covers: nothing, where a row was refused."""

    revision: int
    cells: AbstractSet[Cell]
    blank: AbstractSet[Cell]
    areas: AbstractSet[str]
    months: AbstractSet[str]


class Gone(NamedTuple):
    """A count that the latest edition no longer has, and the revision with which it was posted."""

    cell: Cell
    revision: int


def areas_covered(found: AbstractSet[str], boroughs: AbstractSet[str], others: AbstractSet[str]) -> AbstractSet[str]:
    """Areas that a file speaks of, having rows of those `found`.

    No borough ever vanishes, so one that it lacks is left out of it on purpose. But of `others` (`unknown`, the
    airports) a file of all boroughs says that nothing is there by having no row of them.
    """
    return found | others if boroughs <= found else found


def learn(known: Known, editions: Sequence[Edition]) -> None:
    """Add the counts of `editions`, which are about to be posted."""
    for edition in editions:
        for area, offence, month in edition.cells:
            months = known.counts.setdefault(f"{area}|{offence}", {})
            months[month] = max(edition.revision, months.get(month, 0))
        for area, offence, month in edition.blank:
            months = known.counts.get(f"{area}|{offence}", {})
            if month in months:
                months[month] = max(edition.revision, months[month])


def succeed(known: Known, editions: Sequence[Edition]) -> tuple[Known, list[Gone]]:
    """What is known once `editions` cover what they do, and what is not in the latest one, in a fixed order.

    What is gone is not known any more, until an edition has it again.
    """
    counts, covered = ({key: dict(months) for key, months in each.items()} for each in (known.counts, known.covered))
    later = Known(counts, covered)
    for edition in editions:
        for area in edition.areas:
            months = covered.setdefault(area, {})
            months.update((each, max(edition.revision, months.get(each, 0))) for each in edition.months)
    gone = sorted(each for each in _all(later) if each.revision < covered.get(each.cell[0], {}).get(each.cell[2], 0))
    for area, offence, month in (each.cell for each in gone):
        del counts[f"{area}|{offence}"][month]
    return later, gone


def how_many_of(known: Known, editions: Sequence[Edition]) -> int:
    """How many counts are known of the areas and months that `editions` cover."""
    places = {(area, month) for edition in editions for area in edition.areas for month in edition.months}
    return sum((each.cell[0], each.cell[2]) in places for each in _all(known))


def _all(known: Known) -> Iterator[Gone]:
    for name, months in known.counts.items():
        area, _, offence = name.partition("|")
        for month, revision in months.items():
            yield Gone((area, offence, month), revision)
