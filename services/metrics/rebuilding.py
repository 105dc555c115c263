"""Counting again from the log into a fresh generation of counts, and putting it in the place of the served one.

The log is replayed to exactly where the live counts stand, again and again while they go on, until both stand at the
same offsets; so the two can be compared to the last record, and an answer never goes back in time when they change
places. Under a load that never lets both stand still together they change places all the same after some attempts,
and the live projector reads the records between from the log once more.

Each step is dated with the day on which its records were published, as the live counts dated them when they came in.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.differences import Difference, Figures, Sums, posted
from services.metrics.facts import Facts, Indicators
from services.metrics.layout import Layout
from services.metrics.periods import FIRST_DAY
from services.metrics.projector import Projector
from services.metrics.store import Generations, Position, Projection, Standing
from services.metrics.store.keys import month_of_facts
from shared.clock import LONDON, Clock, FixedClock
from shared.errors import Conflict
from shared.kafka import Bounds, Log

_ATTEMPTS = 20
_EARLIEST = datetime.combine(FIRST_DAY, time(12), UTC)
"""A record that says no time of its own counts as published then: never late."""
_SMALL_LAG = 1000
"""Records: with no more than these to go, the two generations may change places."""


class Missing(NamedTuple):
    """Records of a partition that were counted and that its log does not hold (`records`: at most so many), and why."""

    topic: str
    partition: int
    records: int
    reason: str


class Report(msgspec.Struct, kw_only=True):
    """What a rebuild did; `behind`: records that the live projector reads once more; `unfit`: that cannot be counted.

    `differences` between the old counts and the new ones at equal positions, `compared` partitions of them.
    """

    generation: str
    replaced: str
    swapped: bool
    records: int
    unfit: int
    partitions: int
    compared: int
    behind: int
    missing: list[Missing]
    differences: list[Difference]


class Choices(NamedTuple):
    """What was asked for.

    `accept_loss`: go on where the log lacks records; `check`: swap only if nothing differs; `grace_seconds`: how long
    readers that are half way may still find the old counts; `batch_records`: how many a step takes at most.
    """

    accept_loss: bool = False
    check: bool = False
    grace_seconds: float = 5
    batch_records: int = 5000


class Lossy(Conflict):
    """The log does not hold everything that was counted."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        lines = [f"  {each.topic}-{each.partition}: {each.records:,} records, {each.reason}" for each in missing]
        super().__init__(
            "the log does not hold everything that was counted; nothing was changed. With --accept-loss the new "
            "counts are without, and say `incomplete` if records are missing:\n" + "\n".join(lines)
        )
        self.missing = missing


class Pair(NamedTuple):
    """A partition in two generations, and what it held in each at the same position."""

    partition: TopicPartition
    old: str
    then: Standing
    new: str
    now: Standing


class _Aside:
    """What cannot be counted lies among the dead letters since it was read first; here it is only numbered."""

    records = 0

    async def put(self, rejected: Sequence[tuple[Any, str]]) -> None:
        self.records += len(rejected)


class Rebuild:
    """One rebuild. `advance` is told how many records have been replayed, `plan` how many there are to replay."""

    def __init__(
        self,
        redis: Redis,
        log: Log,
        readers: Mapping[str, Facts | Indicators],
        layouts: Mapping[str, Layout | None],
        choices: Choices,
        plan: Callable[[int], None] = lambda _: None,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._redis, self._log, self._readers, self._layouts, self._choices = redis, log, readers, layouts, choices
        self._plan, self._advance = plan, advance
        self._store, self._aside = Generations(redis), _Aside()
        self._projectors: dict[TopicPartition, tuple[Projector, FixedClock]] = {}
        self._next: dict[TopicPartition, int] = {}
        self._records = 0

    async def run(self) -> Report:
        """Rebuild, and clear the old counts away.

        Raises Lossy, Conflict where another rebuild is under way, and Unavailable; the live counts are then untouched.
        """
        async with self._store.held():
            old = await self._store.served()
            missing = await self._missing(old)
            if missing and not self._choices.accept_loss:
                raise Lossy(missing)
            new = await self._store.sweep(old)
            report = await self._rebuild(old, new, missing)
            if report.swapped:
                await asyncio.sleep(self._choices.grace_seconds)
                await self._store.clear(old)
            else:
                await self._store.discard(new)
            return report

    async def _missing(self, generation: str) -> list[Missing]:
        bounds, found = await self._log.bounds(), []
        for partition in self._log.partitions:
            standing = await self._store.standing(generation, partition)
            records, reason = await self._lack(generation, partition, standing, bounds[partition])
            if records:
                found.append(Missing(partition.topic, partition.partition, records, reason))
        return found

    async def _lack(
        self, generation: str, partition: TopicPartition, standing: Standing, bounds: Bounds
    ) -> tuple[int, str]:
        if bounds.earliest:
            return bounds.earliest, f"for the log begins at offset {bounds.earliest}"
        if standing.since and standing.since != self._log.cluster:
            held = await self._store.records(generation, partition)
            return held, f"for counting began in another Kafka cluster, {standing.since}"
        beyond = standing.position.next - bounds.end if standing.position else 0
        return max(beyond, 0), f"for the log ends at offset {bounds.end}"

    async def _rebuild(self, old: str, new: str, missing: Sequence[Missing]) -> Report:
        bounds = await self._log.bounds()
        for partition in self._log.partitions:
            same_topic = [each for each in self._log.partitions if each.topic == partition.topic]
            await Projection(self._redis, Clock(), new).check_partitions(partition.topic, len(same_topic))
            await self._begin(new, partition, bounds[partition])
        standing = await self._catch_up(old)
        differences, compared = await self._compare(old, new, standing)
        await self._own_up(old, new, missing)
        swapped, behind = False, 0
        if not (self._choices.check and differences):
            behind = await self._swap(old, new)
            swapped = True
        return Report(
            generation=new,
            replaced=old,
            swapped=swapped,
            records=self._records,
            unfit=self._aside.records,
            partitions=len(self._log.partitions),
            compared=compared,
            behind=behind,
            missing=list(missing),
            differences=differences,
        )

    async def _begin(self, new: str, partition: TopicPartition, bounds: Bounds) -> None:
        clock = FixedClock(_EARLIEST)
        projector = Projector(Projection(self._redis, clock, new), self._readers, self._aside, clock)
        self._projectors[partition] = projector, clock
        self._next[partition] = await projector.start_at(partition, self._log.cluster, *bounds)

    async def _catch_up(self, old: str) -> dict[TopicPartition, Standing]:
        """Replay to where the old counts stand; answers what they held there."""
        standing, targets = await self._targets(old)
        self._plan(self._lag(targets))
        while True:
            await self._replay(targets)
            reached = standing
            standing, targets = await self._targets(old)
            if self._lag(targets) <= _SMALL_LAG:
                return reached

    async def _targets(self, old: str) -> tuple[dict[TopicPartition, Standing], dict[TopicPartition, int]]:
        bounds = await self._log.bounds()
        standing = {each: await self._store.standing(old, each) for each in self._log.partitions}
        return standing, {each: self._target(each, standing[each], bounds[each]) for each in self._log.partitions}

    def _target(self, partition: TopicPartition, standing: Standing, bounds: Bounds) -> int:
        if self._stands_here(standing.position, bounds):
            assert standing.position
            return max(standing.position.next, self._next[partition])
        return bounds.end  # counted from elsewhere: all that is here is new

    def _stands_here(self, position: Position | None, bounds: Bounds) -> bool:
        return bool(
            position and position.cluster == self._log.cluster and bounds.earliest <= position.next <= bounds.end
        )

    def _lag(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, end - self._next[partition]) for partition, end in targets.items())

    async def _replay(self, targets: Mapping[TopicPartition, int]) -> None:
        async for batches in self._log.read(self._next, targets, self._choices.batch_records):
            await asyncio.gather(*(self._apply(partition, records) for partition, records in batches.items()))

    async def _apply(self, partition: TopicPartition, records: Sequence[Any]) -> None:
        projector, clock = self._projectors[partition]
        for batch in _by_day(records):
            clock.set(_published(batch[-1]))
            following = await projector.apply(partition, batch)
            if following != batch[-1].offset + 1:
                raise Conflict(f"somebody else counts {partition} into the same generation; nothing was put in place")
            self._next[partition] = following
            self._records += len(batch)
            self._advance(len(batch))

    async def _compare(
        self, old: str, new: str, standing: Mapping[TopicPartition, Standing]
    ) -> tuple[list[Difference], int]:
        """Of the partitions that stand at equal positions, as they held then; and how many these are."""
        by_month: dict[tuple[str, str, str], Sums] = {}
        figures: dict[str, Figures] = defaultdict(Figures)
        compared = 0
        for partition, then in standing.items():
            if not then.position or then.position[:2] != (self._log.cluster, self._next[partition]):
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

    async def _own_up(self, old: str, new: str, missing: Sequence[Missing]) -> None:
        """Records that the old counts had from elsewhere, and the new ones have not, are lost, and results say so."""
        for each in missing:
            partition = TopicPartition(each.topic, each.partition)
            fewer = await self._store.records(old, partition) - await self._store.records(new, partition)
            lost = fewer - (await self._store.standing(new, partition)).lost
            if lost > 0:
                await self._store.add_lost(new, partition, lost)

    async def _swap(self, old: str, new: str) -> int:
        """Put the new counts in place; answers how many records they are behind the old ones."""
        for _ in range(_ATTEMPTS):
            standing, targets = await self._targets(old)
            await self._replay(targets)
            if await self._store.serve(old, new, {each: found.position for each, found in standing.items()}):
                return 0
        for _ in range(_ATTEMPTS):
            _, targets = await self._targets(old)
            if await self._store.serve(old, new, None):
                return self._lag(targets)
        raise Conflict("another rebuild has taken over; nothing was put in place")


def _by_day(records: Sequence[Any]) -> Iterator[list[Any]]:
    for _, batch in groupby(records, lambda record: _published(record).astimezone(LONDON).date()):
        yield list(batch)


def _published(record: Any) -> datetime:
    return max(datetime.fromtimestamp(record.timestamp / 1000, UTC), _EARLIEST)


def _key(item: tuple[tuple[str, str, str], Sums]) -> tuple[str, str, str]:
    return item[0]
