"""Old counts beside new ones, where both stand at the same offset."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from aiokafka import TopicPartition

from services.metrics.differences import Difference, Figures, Sums, posted
from services.metrics.layout import Layout
from services.metrics.store import Generations, Standing
from services.metrics.store.keys import month_of_facts


class Pair(NamedTuple):
    """A partition in two generations, and what it held in each at the same position."""

    partition: TopicPartition
    old: str
    then: Standing
    new: str
    now: Standing


class Comparing:
    """Compares generations of counts of the log of one cluster; `layouts` by topic."""

    def __init__(self, store: Generations, cluster: str, layouts: Mapping[str, Layout | None]) -> None:
        self._store, self._cluster, self._layouts = store, cluster, layouts

    async def differences(
        self, old: str, new: str, standing: Mapping[TopicPartition, Standing], reached: Mapping[TopicPartition, int]
    ) -> tuple[list[Difference], int]:
        """Of the partitions whose old counts stood where the new ones have `reached`, and how many these are."""
        by_month: dict[tuple[str, str, str], Sums] = {}
        figures: dict[str, Figures] = defaultdict(Figures)
        compared = 0
        for partition, then in standing.items():
            if not then.position or then.position[:2] != (self._cluster, reached[partition]):
                continue
            now = await self._store.standing(new, partition)
            if layout := self._layouts[partition.topic]:
                await self._sum(layout, Pair(partition, old, then, new, now), by_month)
            elif not await self._gather(Pair(partition, old, then, new, now), figures):
                continue
            compared += 1
        found = [each for (_, *of), sums in sorted(by_month.items(), key=_key) for each in sums.differences(*of)]
        return found + [each for dataset, both in figures.items() for each in posted(dataset, both)], compared

    async def _sum(self, layout: Layout, pair: Pair, by_month: dict[tuple[str, str, str], Sums]) -> None:
        for suffix in sorted({*pair.then.lengths, *pair.now.lengths}):
            stream, month = month_of_facts(suffix)
            key = (layout.kind, stream.partition("/")[2], f"{month:%Y-%m}")
            before = await self._store.rows(pair.old, pair.partition, suffix, pair.then.lengths.get(suffix, 0))
            after = await self._store.rows(pair.new, pair.partition, suffix, pair.now.lengths.get(suffix, 0))
            by_month.setdefault(key, Sums(layout)).add(before, after)

    async def _gather(self, pair: Pair, figures: dict[str, Figures]) -> bool:
        """False where the old texts, which are kept only as they are now, have been changed meanwhile."""
        found = {}
        for suffix in sorted({*pair.then.kept, *pair.now.kept}):
            before = await self._store.texts(pair.old, pair.partition, suffix)
            found[suffix] = before, await self._store.texts(pair.new, pair.partition, suffix)
        if (await self._store.standing(pair.old, pair.partition)).position != pair.then.position:
            return False
        for suffix, (before, after) in found.items():
            stream = suffix.partition(":")[2]
            figures[stream.partition("/")[2]].add(stream, before, after)
        return True


def _key(item: tuple[tuple[str, str, str], Sums]) -> tuple[str, str, str]:
    return item[0]
