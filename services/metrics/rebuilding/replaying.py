"""Replaying the log into a generation of counts, to exactly where the served ones stand.

Each step is dated with the day on which its records were published, as the live counts dated them when they came in.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import groupby
from typing import Any

from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.facts import Facts, Indicators
from services.metrics.periods import FIRST_DAY
from services.metrics.projector import Projector
from services.metrics.store import Generations, Position, Projection, Standing
from shared.clock import LONDON, Clock, FixedClock
from shared.errors import Conflict
from shared.kafka import Bounds, Log, Rejected

_EARLIEST = datetime.combine(FIRST_DAY, time(12), UTC)
"""A record that says no time of its own counts as published then: never late."""
_SMALL_LAG = 1000
"""Records: with no more than these to go, the two generations may change places."""


class _Aside:
    """What cannot be counted lies among the dead letters since it was read first; here it is only numbered."""

    records = 0

    async def put(self, rejected: Sequence[Rejected]) -> None:
        self.records += len(rejected)


class Replaying:
    """One replay. `reached` holds the next offset of each partition; `plan` and `advance` are told of records."""

    def __init__(
        self,
        redis: Redis,
        log: Log,
        readers: Mapping[str, Facts | Indicators],
        batch_records: int,
        plan: Callable[[int], None],
        advance: Callable[[int], None],
    ) -> None:
        self._redis, self._log, self._readers, self._batch_records = redis, log, readers, batch_records
        self._plan, self._advance = plan, advance
        self._store, self._aside = Generations(redis), _Aside()
        self._projectors: dict[TopicPartition, tuple[Projector, FixedClock]] = {}
        self.reached: dict[TopicPartition, int] = {}
        self.records = 0

    @property
    def unfit(self) -> int:
        """How many records could not be counted."""
        return self._aside.records

    async def begin(self, generation: str) -> None:
        """Stand at the beginning of every partition, in a generation that holds nothing."""
        bounds = await self._log.bounds()
        for partition in self._log.partitions:
            same_topic = [each for each in self._log.partitions if each.topic == partition.topic]
            await Projection(self._redis, Clock(), generation).check_partitions(partition.topic, len(same_topic))
            await self._begin(generation, partition, bounds[partition])

    async def _begin(self, new: str, partition: TopicPartition, bounds: Bounds) -> None:
        clock = FixedClock(_EARLIEST)
        projector = Projector(Projection(self._redis, clock, new), self._readers, self._aside, clock)
        self._projectors[partition] = projector, clock
        self.reached[partition] = await projector.start_at(partition, self._log.cluster, *bounds)

    async def catch_up(self, old: str) -> dict[TopicPartition, Standing]:
        """Replay to where the old counts stand; answers what they held there."""
        standing, targets = await self.targets(old)
        self._plan(self.lag(targets))
        while True:
            await self.to(targets)
            reached = standing
            standing, targets = await self.targets(old)
            if self.lag(targets) <= _SMALL_LAG:
                return reached

    async def targets(self, old: str) -> tuple[dict[TopicPartition, Standing], dict[TopicPartition, int]]:
        standing = {each: await self._store.standing(old, each) for each in self._log.partitions}
        bounds = await self._log.bounds()  # after the counts, which are never ahead of it then
        return standing, {each: self._target(each, standing[each], bounds[each]) for each in self._log.partitions}

    def _target(self, partition: TopicPartition, standing: Standing, bounds: Bounds) -> int:
        if self._stands_here(standing.position, bounds):
            assert standing.position
            return max(standing.position.next, self.reached[partition])
        return bounds.end  # counted from elsewhere: all that is here is new

    def _stands_here(self, position: Position | None, bounds: Bounds) -> bool:
        return bool(
            position and position.cluster == self._log.cluster and bounds.earliest <= position.next <= bounds.end
        )

    def lag(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, end - self.reached[partition]) for partition, end in targets.items())

    async def to(self, targets: Mapping[TopicPartition, int]) -> None:
        async for batches in self._log.read(self.reached, targets, self._batch_records):
            await asyncio.gather(*(self._apply(partition, records) for partition, records in batches.items()))

    async def _apply(self, partition: TopicPartition, records: Sequence[Any]) -> None:
        projector, clock = self._projectors[partition]
        for batch in _by_day(records):
            clock.set(_published(batch[-1]))
            following = await projector.apply(partition, batch)
            if following != batch[-1].offset + 1:
                raise Conflict(f"somebody else counts {partition} into the same generation; nothing was put in place")
            self.reached[partition] = following
            self.records += len(batch)
            self._advance(len(batch))


def _by_day(records: Sequence[Any]) -> Iterator[list[Any]]:
    for _, batch in groupby(records, lambda record: _published(record).astimezone(LONDON).date()):
        yield list(batch)


def _published(record: Any) -> datetime:
    return max(datetime.fromtimestamp(record.timestamp / 1000, UTC), _EARLIEST)
