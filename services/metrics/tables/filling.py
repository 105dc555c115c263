"""Fills the declared tables: asks what each section needs, and lets its layout make a part of the answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from services.metrics.breaks import Bearing, warning
from services.metrics.figures import Figure
from services.metrics.params import last_whole_quarter
from services.metrics.periods import Window
from services.metrics.queries import Queries, Reach, note
from services.metrics.steps import LATENESS_DAYS
from services.metrics.tables.answers import Answer
from services.metrics.tables.barred import Barred
from services.metrics.tables.declarations import Table, declared
from services.metrics.tables.parts import Asks, Found, Part, Scope, Source
from services.metrics.tables.posted import Posted
from shared.events import Indicator
from shared.reference import Reference, Vocabulary
from shared.reference.measures import Measure
from shared.reference.register import Break
from shared.reference.terms import Area

Figures = dict[tuple[str, int, Window], Figure]


class Arrived(Protocol):
    """How a source's records of one kind have come in; `late` counts them by LATENESS_DAYS."""

    @property
    def source(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def records(self) -> int: ...
    @property
    def last_day(self) -> date | None: ...
    @property
    def applied_at(self) -> str | None: ...
    @property
    def late(self) -> Sequence[int]: ...


class Reads(Protocol):
    """What tables read besides figures. Raises Unavailable when the store does not answer."""

    async def indicators(self, dataset: str) -> Sequence[Indicator]: ...
    async def applied_at(self, kind: str) -> str | None: ...
    async def sources(self, kind: str) -> Sequence[Arrived]: ...


class Tables:
    """The tables that are declared, filled from `queries` and what `reader` knows was posted."""

    def __init__(
        self, queries: Queries, reference: Reference, reader: Reads, tables: Vocabulary[Table] | None = None
    ) -> None:
        self._queries, self._reference, self._reader = queries, reference, reader
        self._posted_of: dict[str, tuple[Sequence[Indicator], Posted]] = {}
        self.declared = tables or declared(reference)

    async def fill(self, table: Table, dataset: str, end: date, area: Area) -> Answer:
        """The table of a dataset and an area as it stands at the end of a day."""
        scope = Scope(self._reference, area, end, self._queries.today, self._queries.targets)
        asks = [section.asks(scope) for section in table.sections]
        figures, stamps = await self._figures(asks, dataset)
        posted = Posted(())
        if any(each.posted for each in asks):
            posted = await self._posted(dataset)
            stamps.append(await self._reader.applied_at("indicator"))
        found = [Found(figures, posted, await self._sources(each.sources, dataset)) for each in asks]
        parts = [section.render(scope, each) for section, each in zip(table.sections, found, strict=True)]
        barred = Barred(self._queries.breaks, dataset)
        for section, part, each in zip(table.sections, parts, found, strict=True):
            barred.withhold(section, part, scope, each)
        as_of = max((stamp for stamp in stamps if stamp), default=None)
        return Answer(
            table,
            scope,
            dataset,
            parts,
            as_of,
            note(dataset).get("note"),
            found,
            self._breaks(parts, area, dataset, barred.crossed),
        )

    def _breaks(
        self, parts: Iterable[Part], area: Area, dataset: str, barred: Iterable[tuple[Break, str]]
    ) -> list[str]:
        crossed: dict[str, tuple[Break, dict[str, None]]] = {}
        for each, measure_id in barred:
            title = self._reference.measures.resolve(measure_id).title
            crossed.setdefault(each.id, (each, {}))[1][title] = None
        for part in parts:
            for measure in map(self._reference.measures.resolve, part.measures if part.windows else ()):
                for each in self._queries.breaks.crossed(Bearing(measure, area, dataset), part.windows.values()):
                    crossed.setdefault(each.id, (each, {}))[1][measure.title] = None
        return [warning(each, titles) for each, titles in crossed.values()]

    async def dataset_for(self, table: Table, window: Window | None) -> str:
        """The first dataset with data of the table's kind, in the window where there is one; `live` if none has."""
        return await self._queries.dataset_for(self.reach(table), window)

    async def last_end(self, table: Table, dataset: str) -> date:
        """Where the table ends by itself: on the last day with data, or the end of the last whole quarter with any."""
        reach = self.reach(table)
        last = await self._queries.last_day(reach, dataset)
        quarter = last_whole_quarter(last)
        # What is posted stands until the next is posted, also in a quarter after it.
        of_days = table.ends_on == "day" or (reach.kind and not await self._queries.reaches(reach, dataset, quarter))
        return last if of_days else quarter.last

    def reach(self, table: Table) -> Reach:
        """By what it is known for which days the table has data."""
        if table.of != "indicator":
            return Reach(table.of)
        return Reach("", frozenset(table.sections[0].posted(self._reference)))

    async def _posted(self, dataset: str) -> Posted:
        figures = await self._reader.indicators(dataset)
        if not figures:
            return Posted(())
        known = self._posted_of.get(dataset)
        if known is None or known[0] is not figures:  # the reader hands out the same list until there is news
            known = self._posted_of[dataset] = figures, Posted(figures)
        return known[1]

    async def _figures(self, asks: Iterable[Asks], dataset: str) -> tuple[Figures, list[str | None]]:
        """The sections' figures, those of the same areas and windows at once; and as of when each was counted."""
        together: dict[tuple[tuple[Area, ...], tuple[Window, ...]], dict[str, Measure]] = defaultdict(dict)
        for each in asks:
            named = {measure: self._reference.measures.resolve(measure) for measure in each.measures}
            together[tuple(each.areas), tuple(each.windows)].update(named)
        figures: Figures = {}
        stamps: list[str | None] = []
        for (areas, windows), measures in together.items():
            if measures:
                answers, facts = await self._queries.figures_by_area(list(measures.values()), areas, dataset, windows)
                figures.update(_by_window(answers, windows))
                stamps.append(facts.as_of)
        return figures, stamps

    async def _sources(self, kinds: Iterable[str], dataset: str) -> list[Source]:
        return [
            Source(kind, each.source, each.records, each.last_day, each.applied_at, by_lateness(each.late))
            for kind in kinds
            for each in await self._reader.sources(kind)
            if each.dataset == dataset
        ]


def _by_window(answers: Mapping[tuple[str, int], Sequence[Figure]], windows: Sequence[Window]) -> Figures:
    return {
        (measure, area, window): figure
        for (measure, area), found in answers.items()
        for window, figure in zip(windows, found, strict=True)
    }


def by_lateness(late: Sequence[int]) -> dict[str, int]:
    """Records by how many days after their own they came: `same_day`, `within_1_day`, ..., `later`."""
    if not late:
        return {}  # what is posted has no day to be late for
    within = [f"within_{days}_day{'s' if days > 1 else ''}" if days else "same_day" for days in LATENESS_DAYS]
    return dict(zip([*within, "later"], late, strict=True))
