"""Explains figures and cells: their trees, and what they rest on: datasets, offsets, caveats, breaks."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from services.metrics.answers import note
from services.metrics.breaks import Bearing, breaks_json, warning
from services.metrics.evidence import closure
from services.metrics.explaining.cells import Cells
from services.metrics.explaining.trees import Asked, Node, Trees, pieces
from services.metrics.periods import Window
from services.metrics.queries import Queries
from services.metrics.tables.barred import crossed_by
from services.metrics.tables.origins import Of, Origin, figures, measures
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.register import Break
from shared.reference.terms import Area

_POSTED = "indicator"


class Bears(NamedTuple):
    """Whose figures are explained, and in which days: what of the register bears on them.

    `is_compared`: those of both sides of a break are compared, as was asked for. `kind`: of records, where there is no
    measure of them.
    """

    measures: Sequence[Measure]
    area: Area
    dataset: str
    windows: Sequence[Window]
    is_compared: bool = False
    kind: str | None = None


class Explaining:
    """Explains what `queries` answer. Raises Unavailable when the store does not answer."""

    def __init__(self, queries: Queries, known: Reference) -> None:
        self._queries, self._known = queries, known

    async def version(self) -> Hashable:
        """Another whenever a figure may have changed."""
        return await self._queries.version()

    async def nodes(self, origins: Sequence[Origin], dataset: str) -> list[Node]:
        """Each as a tree, of one reading of the counts."""
        cells = Cells(await self._trees([each for origin in origins for each in figures(origin)], dataset), self._known)
        return [cells.node(origin) for origin in origins]

    async def _trees(self, wanted: Sequence[Of], dataset: str) -> Trees:
        rule, sensitive = self._queries.suppression.rule, self._queries.suppression.sensitive
        asked = [Asked(self._known.measures.resolve(each.measure), each.area, each.window) for each in wanted]
        windows = [each.window for each in asked]
        for one in asked:
            for each in closure([one.measure], self._known):
                windows += pieces(one, each.id in sensitive, rule.period)
        windows, chosen = list(dict.fromkeys(windows)), list(dict.fromkeys(each.measure for each in asked))
        facts = await self._queries.facts(chosen, list(self._known.areas), dataset, windows)
        return Trees(facts, windows, sensitive, rule.period)

    def measures_of(self, origin: Origin) -> list[Measure]:
        """The measures that it is a figure of."""
        return [self._known.measures.resolve(each) for each in measures(origin)]

    def barred_by(self, origin: Origin, dataset: str) -> list[str]:
        """The ids of the breaks across which the cell is a change, which its table does not show for that."""
        found = crossed_by(origin, self._queries.breaks, dataset, self._known)
        return list(dict.fromkeys(each.id for _, each in found))

    async def rests_on(self, bears: Bears) -> dict[str, Any]:
        """`{sources, offsets, caveats, breaks, suppression?, note?}`: what is to be known of such figures."""
        needed, crossed = closure(bears.measures, self._known), self._crossed(bears)
        warnings = [warning(each, titles, is_compared=bears.is_compared) for each, titles in crossed]
        caveats = [caveat for each in needed for caveat in each.caveats]
        return {
            "sources": await self.sources_of(bears.measures, bears.dataset, bears.kind),
            "caveats": list(dict.fromkeys([*warnings, *caveats])),
            "breaks": breaks_json(each for each, _ in crossed),
            **self._suppression(needed),
            **note(bears.dataset),
        }

    async def offsets(self, asked: Iterable[Measure], kind: str | None = None) -> list[dict[str, Any]]:
        """`[{topic, partition, cluster, next}]`: everything before those offsets is counted."""
        return [each._asdict() for each in await self._queries.positions(sorted(self._kinds(asked, kind)))]

    async def sources_of(self, asked: Iterable[Measure], dataset: str, kind: str | None = None) -> list[dict[str, Any]]:
        """Whose records the measures are counted from, and how fresh they are; of what is posted, since when."""
        kinds, today = self._kinds(asked, kind), self._queries.today
        return [
            {
                "kind": kind,
                "source": each.source,
                "dataset": each.dataset,
                "records": each.records,
                "last_day": each.last_day.isoformat() if each.last_day else None,
                "days_behind": max((today - each.last_day).days, 0) if each.last_day else None,
                "applied_at": each.applied_at,
            }
            for kind, each in await self._queries.sources(kinds, dataset)
        ]

    def _kinds(self, asked: Iterable[Measure], kind: str | None) -> list[str]:
        """The kinds of record that the measures are counted of, what is posted last; and that one."""
        needed = closure(asked, self._known)
        counted = [each.of for each in needed if each.of]
        posted = [_POSTED for each in needed if each.kind == "indicator"]
        return list(dict.fromkeys([*counted, *posted, *([kind] if kind else [])]))

    def _crossed(self, bears: Bears) -> list[tuple[Break, list[str]]]:
        """The breaks that lie between the days, each with the titles of the measures that it concerns."""
        found: dict[str, tuple[Break, list[str]]] = {}
        for measure in bears.measures if bears.windows else ():
            for each in self._queries.breaks.crossed(Bearing(measure, bears.area, bears.dataset), bears.windows):
                found.setdefault(each.id, (each, []))[1].append(measure.title)
        return list(found.values())

    def _suppression(self, needed: Iterable[Measure]) -> dict[str, Any]:
        """Said of whatever rests on a sensitive count, of London too: its parts may be withheld."""
        suppression = self._queries.suppression
        if not suppression.rule.below or not any(each.id in suppression.sensitive for each in needed):
            return {}
        return {"suppression": {"below": suppression.rule.below, "period": suppression.rule.period}}
