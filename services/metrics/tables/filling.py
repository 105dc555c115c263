"""Fills the declared tables: asks what each section needs, and lets its layout make a part of the answers."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from services.metrics.figures import Figure
from services.metrics.params import last_whole_quarter
from services.metrics.periods import Window
from services.metrics.queries import DATASETS, Queries, note
from services.metrics.steps import LATENESS_DAYS
from services.metrics.tables.answers import Answer
from services.metrics.tables.declarations import Table, declared
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.parts import Asks, Found, Part, Scope, Source
from services.metrics.tables.posted import Posted
from shared.events import Indicator
from shared.reference import Reference, Vocabulary
from shared.reference.terms import Area


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

    async def indicators(self, dataset: str) -> list[Indicator]: ...
    async def applied_at(self, kind: str) -> str | None: ...
    async def sources(self, kind: str) -> Sequence[Arrived]: ...


class Tables:
    """The tables that are declared, filled from `queries` and what `reader` knows was posted."""

    def __init__(
        self, queries: Queries, reference: Reference, reader: Reads, tables: Vocabulary[Table] | None = None
    ) -> None:
        self._queries, self._reference, self._reader = queries, reference, reader
        self.declared = tables or declared(reference)

    async def fill(self, table: Table, dataset: str, end: date, area: Area) -> Answer:
        """The table of a dataset and an area as it stands at the end of a day."""
        scope = Scope(self._reference, area, end, self._queries.targets)
        posted = await self._posted(table, scope, dataset)
        parts, stamps = [], []
        for section in table.sections:
            part, stamp = await self._part(section, scope, dataset, posted)
            parts.append(part)
            stamps.append(stamp)
        if posted is not None:
            stamps.append(await self._reader.applied_at("indicator"))
        as_of = max((stamp for stamp in stamps if stamp), default=None)
        return Answer(table, scope, dataset, parts, as_of, note(dataset).get("note"))

    async def dataset_for(self, table: Table, window: Window | None) -> str:
        """The first dataset with data of the table's kind, in the window where there is one; `live` if none has."""
        if table.of != "indicator":
            return await self._queries.dataset_for(table.of, window)
        for dataset in DATASETS:
            last = await self._last_posted(table, dataset)
            if last and (window is None or window.first <= last):
                return dataset
        return DATASETS[0]

    async def last_end(self, table: Table, dataset: str) -> date:
        """Where the table ends by itself: on the last day with data, or the end of the last whole quarter."""
        if table.of == "indicator":
            last = await self._last_posted(table, dataset) or self._queries.today
        else:
            last = await self._queries.last_day(table.of, dataset)
        return last if table.ends_on == "day" else last_whole_quarter(last).last

    async def _last_posted(self, table: Table, dataset: str) -> date | None:
        posted = Posted(await self._reader.indicators(dataset))
        return posted.last_day(table.sections[0].posted(self._reference), self._queries.today)

    async def _posted(self, table: Table, scope: Scope, dataset: str) -> Posted | None:
        if any(section.asks(scope).posted for section in table.sections):
            return Posted(await self._reader.indicators(dataset))
        return None

    async def _part(
        self, section: AnySection, scope: Scope, dataset: str, posted: Posted | None
    ) -> tuple[Part, str | None]:
        asks, as_of = section.asks(scope), None
        figures: dict[tuple[str, int, Window], Figure] = {}
        if asks.measures:
            figures, as_of = await self._figures(asks, dataset)
        sources = [each for kind in asks.sources for each in await self._sources(kind, dataset)]
        found = Found(figures, posted or Posted(()), sources)
        return section.render(scope, found), as_of

    async def _figures(self, asks: Asks, dataset: str) -> tuple[dict[tuple[str, int, Window], Figure], str | None]:
        measures = [self._reference.measures.resolve(measure) for measure in asks.measures]
        answers, facts = await self._queries.figures_by_area(measures, asks.areas, dataset, asks.windows)
        found = {
            (measure, area, window): figure
            for (measure, area), figures in answers.items()
            for window, figure in zip(asks.windows, figures, strict=True)
        }
        return found, facts.as_of

    async def _sources(self, kind: str, dataset: str) -> Iterable[Source]:
        found = await self._reader.sources(kind)
        return [
            Source(kind, each.source, each.records, each.last_day, each.applied_at, by_lateness(each.late))
            for each in found
            if each.dataset == dataset
        ]


def by_lateness(late: Sequence[int]) -> dict[str, int]:
    """Records by how many days after their own they came: `same_day`, `within_1_day`, ..., `later`."""
    within = [f"within_{days}_day{'s' if days > 1 else ''}" if days else "same_day" for days in LATENESS_DAYS]
    return dict(zip([*within, "later"], late, strict=True))
