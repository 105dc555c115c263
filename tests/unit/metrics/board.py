"""A reader that holds what a test says was counted and posted, under the real engine."""

from datetime import UTC, date, datetime

import numpy as np

from services.metrics.extents import Extent
from services.metrics.layout import Layout
from services.metrics.params import Params
from services.metrics.periods import months_of
from services.metrics.queries import Queries
from services.metrics.store.provenance import Source
from services.metrics.tables import Tables
from services.metrics.tables.asked import Asking, TableQuery
from shared.clock import FixedClock
from shared.events import Indicator
from shared.reference import reference

LONDON = "E12000007"
DATASET = "board"
CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))
_KINDS = ("crime", "call", "stop")


class Board:
    """Monthly counts and posted figures of one dataset. A count of an area counts for London too."""

    def __init__(self, dataset=DATASET):
        self.dataset, self.posted, self.came = dataset, [], {}
        self._layouts = {kind: Layout(reference(), kind) for kind in _KINDS}
        self._counts = {kind: {} for kind in _KINDS}

    def count(self, measure, month, value, area=LONDON):
        """So many records of a measure in a month, `2017-06`."""
        found = reference().measures.resolve(measure)
        layout, month = self._layouts[found.of], date.fromisoformat(f"{month}-01")
        matrix = self._counts[found.of].setdefault(month, np.zeros((layout.rows, layout.width), np.int64))
        for index in {layout.areas[area], layout.region}:
            matrix[index, layout.places[measure]] += value

    def post(self, indicator, period, value, area=LONDON, status="final", **breakdown):
        known = {"unit": reference().measures.resolve(indicator).unit, "dataset": self.dataset}
        figure = Indicator(
            indicator=indicator, area=area, period=period, value=value, status=status, breakdown=breakdown, **known
        )
        self.posted.append(figure)

    def came_from(self, kind, source, dataset=DATASET, **arrivals):
        """A source's records of a kind: `records`, `last_day`, and `late`, which counts them by lateness."""
        known = {"applied_at": "2017-07-01T00:00:00Z"}
        self.came.setdefault(kind, []).append(Source(source, dataset, **(known | arrivals)))

    def layout(self, kind):
        return self._layouts[kind]

    async def extent(self, kind, dataset):
        months = sorted(self._counts[kind]) if kind in _KINDS and dataset == self.dataset else []
        if not months:
            return None
        places = self._layouts[kind].places
        total = sum(self._counts[kind].values())
        return Extent(
            months[0],
            months_end(months[-1]),
            measured_from={name: months[0] for name, place in places.items() if total[:, place].any()},
            months=frozenset(months),
            as_of="2017-07-01T00:00:00Z",
        )

    async def sums(self, kind, dataset, windows):
        layout = self._layouts[kind]
        nothing = np.zeros((layout.rows, layout.width), np.int64)
        held = self._counts[kind] if dataset == self.dataset else {}
        return [nothing + sum(held.get(month, nothing) for month in months_of(window)) for window in windows]

    async def indicators(self, dataset):
        return [figure for figure in self.posted if figure.dataset == dataset]

    async def applied_at(self, kind):
        return "2017-07-02T00:00:00Z" if self.posted else None

    async def sources(self, kind):
        return self.came.get(kind, [])


def date_(text):
    return date.fromisoformat(text)


def months_end(month):
    return date.fromordinal(date(month.year + month.month // 12, month.month % 12 + 1, 1).toordinal() - 1)


def tables_of(board):
    return Tables(Queries(board, CLOCK, reference()), reference(), board)


async def filled(board, table, **asked):
    """The answer for a table, as a request's parameters ask for it."""
    queries, tables = Queries(board, CLOCK, reference()), tables_of(board)
    asking = Asking(Params(reference(), queries), tables)
    found = tables.declared.resolve(table)
    return await tables.fill(found, *await asking.resolve(found, TableQuery(**{"dataset": board.dataset, **asked})))
