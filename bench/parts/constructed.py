"""London's crimes, one record each, made so that the published table comes out to the digit.

Pure: the same seed gives the same crimes. First the classes: each year's crimes are shared out over the offence
classes of the rows that exclude each other, and what is left of the total over all other classes. Then each flag is
laid over as many crimes of the classes that it goes with as its row prints; part of them carry a flag already, so that
crimes count in several rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from local.demo.apportion import apportion
from parts.mix import CLASSES, FLAGS, OFFENCES, TOTAL, Flag

Table = Mapping[str, tuple[int, int]]
"""By measure the crimes of the year before and of the current one."""

FIRST = date(2015, 7, 1)
YEAR_DAYS = (366, 365)


@dataclass(frozen=True)
class Crimes:
    """One element a crime, in the order of their days.

    `offences` and `areas` are positions in OFFENCES and `area_ids`, `days` days since FIRST. Of `flags`, bit n is
    FLAGS[n]; where bit n of `narrow` is set, the narrower flag is sent instead.
    """

    area_ids: tuple[str, ...]
    offences: NDArray[np.uint8]
    areas: NDArray[np.uint8]
    days: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    narrow: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offences)

    def chosen(self, which: NDArray[np.bool_]) -> "Crimes":
        """Those crimes alone."""
        parts = (each[which] for each in (self.offences, self.areas, self.days, self.flags, self.narrow))
        return Crimes(self.area_ids, *parts)

    def with_flags(self, least: int) -> int:
        """How many crimes carry at least so many flags."""
        return int((np.bitwise_count(self.flags) >= least).sum())

    def year(self, number: int) -> NDArray[np.bool_]:
        """Which crimes are of the year before (0), of the current year (1)."""
        return (self.days >= YEAR_DAYS[0]) == bool(number)

    def rows(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Each published row's measure, and which crimes it counts: the definitions once more, in the plainest way."""
        for measure, classes in CLASSES.items():
            positions = [OFFENCES.index(offence) for offence in classes]
            every = np.ones(len(self), dtype=bool)
            yield measure, every if measure == TOTAL else np.isin(self.offences, positions)
        for bit, flag in enumerate(FLAGS):
            yield flag.measure, (self.flags >> bit & 1).astype(bool)


def construct(table: Table, area_weights: Mapping[str, float], seed: int = 17) -> Crimes:
    """Crimes that count up to `table`, over two years and over areas in proportion to their weights.

    Raises ValueError if they do not, or if a month of an area remained without any.
    """
    random = np.random.default_rng(seed)
    parts = [_year(random, {m: years[n] for m, years in table.items()}, n) for n in range(len(YEAR_DAYS))]
    offences, days, flags, narrow = (np.concatenate(each) for each in zip(*parts, strict=True))
    weights = np.array(list(area_weights.values()))
    areas = random.choice(len(weights), len(offences), p=weights / weights.sum()).astype(np.uint8)
    order = np.argsort(days, kind="stable")
    crimes = Crimes(tuple(area_weights), offences[order], areas[order], days[order], flags[order], narrow[order])
    _check(crimes, table)
    return crimes


def _year(random: np.random.Generator, table: Mapping[str, int], number: int) -> Sequence[NDArray[np.generic]]:
    offences = random.permutation(np.repeat(np.arange(len(OFFENCES), dtype=np.uint8), _class_totals(table)))
    flags, narrow = np.zeros_like(offences), np.zeros_like(offences)
    for bit, flag in enumerate(FLAGS):
        laid = _laid(random, flag, table[flag.measure], offences, flags)
        flags[laid] |= 1 << bit
        narrow[laid[: round(flag.narrowly * len(laid))]] |= 1 << bit
    days = random.integers(0, YEAR_DAYS[number], len(offences)) + sum(YEAR_DAYS[:number])
    return offences, days.astype(np.uint16), flags, narrow


def _class_totals(table: Mapping[str, int]) -> list[int]:
    rest = table[TOTAL] - sum(table[row] for row in CLASSES if row != TOTAL)
    totals = {row: rest if row == TOTAL else table[row] for row in CLASSES}
    return [n for row, classes in CLASSES.items() for n in apportion(totals[row], list(classes.values()))]


def _laid(
    random: np.random.Generator, flag: Flag, total: int, offences: NDArray[np.uint8], flags: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """Positions of `total` crimes, in no order."""
    fitting = np.isin(offences, [OFFENCES.index(offence) for offence in flag.offences])
    again = random.choice(np.flatnonzero(fitting & (flags > 0)), round(total * flag.again), replace=False)
    fresh = random.choice(np.flatnonzero(fitting & (flags == 0)), total - len(again), replace=False)
    return random.permutation(np.concatenate([again, fresh]))


def _check(crimes: Crimes, table: Table) -> None:
    for measure, counted in crimes.rows():
        found = tuple(int((counted & crimes.year(number)).sum()) for number in range(len(YEAR_DAYS)))
        if found != table[measure]:
            raise ValueError(f"{measure}: {found} crimes were made, {table[measure]} are published")
    cells = np.unique(crimes.areas.astype(int) * 24 + months_of(crimes.days))
    if len(cells) != 24 * len(crimes.area_ids):
        raise ValueError("a month of an area has no crime")


def months_of(days: NDArray[np.uint16]) -> NDArray[np.int64]:
    """The months, from 0, of days since FIRST."""
    calendar = [FIRST + timedelta(days=day) for day in range(sum(YEAR_DAYS))]
    months = np.array([(day.year - FIRST.year) * 12 + day.month - FIRST.month for day in calendar])
    return months[days]
