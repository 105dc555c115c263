"""Facts as what the measures ask of them: matrices of areas by columns, kept up as facts are added. Pure."""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from services.metrics.extents import Extent
from services.metrics.layout import Layout
from services.metrics.periods import Window, cover
from services.metrics.profiles import FURTHER
from services.metrics.rows import Array
from shared.events.periods import month_end

DAYS = 32
"""Of a month: 0 for what is known no closer than the month, then each day."""

_MONTHS_BY_DAY, _SUMS_KEPT = 8, 64
_NONE: Array = np.empty(0, np.int64)


class Cube:
    """A dataset's counts of one kind of record, month by month, and of some months day by day."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._months: dict[date, Month] = {}
        self._days: OrderedDict[date, Array] = OrderedDict()
        self._sums: dict[Window, Array] = {}
        self._extent: Extent | None = None
        self._touched: Array = np.zeros(layout.width, np.int64)

    def add(self, month: date, rows: Array) -> None:
        """Count more rows (rows.ROW) of that month, given by its first day."""
        if month not in self._months:
            self._months[month] = Month(self.layout, month)
        self._touched += self._months[month].add(rows).any(axis=0)
        if month in self._days:
            add_by_day(self._days[month], self.layout, rows)
        self._sums.clear()
        self._extent = None

    def stamp(self, measures: Collection[str]) -> Hashable:
        """Another whenever a count of these measures, or how far the records reach, has changed."""
        columns: dict[str, int | slice] = {**self.layout.places, **self.layout.histograms}
        of = {each: int(np.sum(self._touched[columns[each]])) for each in measures if each in columns}
        extent = self.extent(0, None)
        begun = [extent.measured_from.get(each) for each in self._presupposed(of)] if extent else []
        reach = (extent.first, extent.last, len(extent.months or ()), len(extent.coarse)) if extent else None
        return tuple(of.items()), tuple(begun), reach

    def _presupposed(self, measures: Iterable[str]) -> list[str]:
        return sorted({other for each in measures for other in (each, *self.layout.presupposed.get(each, ()))})

    def months_without_days(self, window: Window) -> list[date]:
        """The months that the window has a part of and that are to be kept by day before it is summed."""
        if window in self._sums:
            return []
        touched = {day.replace(day=1) for day in cover(window).days}
        return sorted((touched & self._months.keys()) - self._days.keys())

    def keep_days(self, month: date, rows: Array) -> None:
        """Keep a month by day, from all its rows, until others have been asked for."""
        days: Array = np.zeros((DAYS, self.layout.rows, self.layout.width), np.int64)
        self._days[month] = add_by_day(days, self.layout, rows)

    def sum(self, window: Window) -> Array:
        """Areas by columns, of all days and whole months in the window. Not to be changed."""
        found = self._sums.get(window)
        if found is None:
            if len(self._sums) >= _SUMS_KEPT:
                self._sums.clear()
            found = self._sums[window] = self._sum(window)
        return found

    def _sum(self, window: Window) -> Array:
        total: Array = np.zeros((self.layout.rows, self.layout.width), np.int64)
        months, days = cover(window)
        for month in months:
            if month in self._months:
                total += self._months[month].counts
        for day in days:
            if (month := day.replace(day=1)) in self._days:
                total += self._days[month][day.day]
                self._days.move_to_end(month)
        while len(self._days) > _MONTHS_BY_DAY:
            self._days.popitem(last=False)
        return total

    @property
    def holds_any(self) -> bool:
        return any(month.holds_any for month in self._months.values())

    def extent(self, lost: int, as_of: str | None) -> Extent | None:
        """How far the dataset reaches; None where it holds nothing."""
        if self._extent is None:
            self._extent = self._reach()
        return replace(self._extent, lost=lost, as_of=as_of) if self._extent else None

    def _reach(self) -> Extent | None:
        held = [self._months[first] for first in sorted(self._months) if self._months[first].holds_any]
        if not held:
            return None
        return Extent(
            first=held[0].first_day,
            last=max(month.last_day for month in held),
            measured_from=self._measured_from(),
            months=frozenset(month.first for month in held),
            coarse=frozenset(month.first for month in held if month.is_coarse),
        )

    def _measured_from(self) -> dict[str, date]:
        months = [self._months[first] for first in sorted(self._months)]
        measured = np.array([month.measured() for month in months])
        columns: dict[str, int | slice] = {**self.layout.places, **self.layout.histograms}
        any_of = {name: measured[:, column].reshape(len(months), -1).any(axis=1) for name, column in columns.items()}
        return {name: months[int(found.argmax())].first_day for name, found in any_of.items() if found.any()}


class Month:
    """The counts of one month, `counts` of areas by columns, whole numbers. London's row is the sum of all others'."""

    def __init__(self, layout: Layout, first: date) -> None:
        self._layout, self.first = layout, first
        self.counts: Array = np.zeros((layout.rows, layout.width), np.int64)
        self._records_by_column: Array = np.zeros(layout.width, np.int64)
        self._records_by_day: Array = np.zeros(DAYS, np.int64)

    def add(self, rows: Array) -> Array:
        """Count more rows (rows.ROW) of this month; answers what they add to each area and column."""
        added = matrix_of(self._layout, rows)
        self.counts += added
        # Further facts are no sign that the month is recorded: crimes of June are detected until the next year's end.
        records = rows[rows["profile"] & np.uint64(FURTHER[self._layout.kind]) == 0]
        self._records_by_day += np.bincount(records["day"], records["records"], DAYS).astype(np.int64)
        self._records_by_column += records_of(self._layout, rows)
        return added

    @property
    def holds_any(self) -> bool:
        return bool(self._records_by_day.any())

    @property
    def is_coarse(self) -> bool:
        """Whether of some records no more is known than the month."""
        return bool(self._records_by_day[0])

    @property
    def first_day(self) -> date:
        """The month's first where no record is known by day."""
        (days,) = np.nonzero(self._records_by_day)
        return self.first + timedelta(days=max(int(days[0]) if len(days) else 0, 1) - 1)

    @property
    def last_day(self) -> date:
        (days,) = np.nonzero(self._records_by_day)
        return month_end(self.first) if self.is_coarse else self.first + timedelta(days=int(days[-1]) - 1)

    def measured(self) -> Array:
        """Whether any record was counted, even for nothing, by column."""
        return self._records_by_column > 0


def matrix_of(layout: Layout, rows: Array) -> Array:
    """Areas by columns: what the rows add to each."""
    profiles, place = np.unique(rows["profile"], return_inverse=True)
    weights = _summed(place * layout.rows + rows["area"], rows["weight"], len(profiles) * layout.rows)
    cells = np.flatnonzero(weights)
    counting = _counting(layout, profiles, cells // layout.rows)
    flat = (cells % layout.rows)[counting.source] * layout.width + counting.columns
    matrix = _summed(flat, weights[cells][counting.source] * counting.weights, layout.rows * layout.width)
    matrix = matrix.reshape(layout.rows, layout.width)
    matrix[layout.region] = matrix.sum(axis=0)
    return matrix


def records_of(layout: Layout, rows: Array) -> Array:
    """How many records more there are in each column, whatever they count for."""
    profiles, place = np.unique(rows["profile"], return_inverse=True)
    records = _summed(place, rows["records"], len(profiles))
    counting = _counting(layout, profiles, np.arange(len(profiles)))
    return _summed(counting.columns, records[counting.source], layout.width)


class _Counting(NamedTuple):
    """Every column that some profiles count in: which of the profiles, the column, and how much a record does."""

    source: Array
    columns: Array
    weights: Array


def _counting(layout: Layout, profiles: Array, places: Array) -> _Counting:
    """Of the profiles at `places`, one after the other."""
    counted = [layout.counted(profile) for profile in profiles.tolist()]
    sizes = np.array([len(each.columns) for each in counted], np.int64)
    starts = (np.cumsum(sizes) - sizes)[places]
    chosen = sizes[places]
    source = np.repeat(np.arange(len(places)), chosen)
    at = starts[source] + np.arange(len(source)) - (np.cumsum(chosen) - chosen)[source]
    columns = np.concatenate([_NONE, *(each.columns for each in counted)])[at]
    return _Counting(source, columns, np.concatenate([_NONE, *(each.weights for each in counted)])[at])


def _summed(places: Array, amounts: Array, size: int) -> Array:
    # Sums of float64 are exact up to 2**53, far beyond any count.
    return np.bincount(places, amounts, size).astype(np.int64)


def add_by_day(days: Array, layout: Layout, rows: Array) -> Array:
    """Adds rows of a month to `days`, which are days of the month (DAYS) by areas by columns; answers it."""
    for day in np.unique(rows["day"]).tolist():
        days[day] += matrix_of(layout, rows[rows["day"] == day])
    return days
