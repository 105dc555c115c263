"""One rebuild, from the refusals to the swap.

The log is replayed to exactly where the live counts stand, again and again while they go on, until both stand at the
same offsets; so the two can be compared to the last record, and an answer never goes back in time when they change
places. Under a load that never lets both stand still together they change places all the same after some attempts,
and the live projector reads the records between from the log once more.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.facts import Facts, Indicators
from services.metrics.layout import Layout
from services.metrics.rebuilding.comparing import Comparing
from services.metrics.rebuilding.replaying import Replaying
from services.metrics.rebuilding.reports import Choices, Lossy, Missing, Report
from services.metrics.store import Generations, Standing
from shared.errors import Conflict
from shared.kafka import Bounds, Log

_ATTEMPTS = 20


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
        self._log, self._choices, self._store = log, choices, Generations(redis)
        self._replay = Replaying(redis, log, readers, choices.batch_records, plan, advance)
        self._comparing = Comparing(self._store, log.cluster, layouts)

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
        # The counts first, which go on meanwhile: the log's end, read after them, is never short of what was counted.
        standing = {each: await self._store.standing(generation, each) for each in self._log.partitions}
        bounds, found = await self._log.bounds(), []
        for partition in self._log.partitions:
            records, reason = await self._lack(generation, partition, standing[partition], bounds[partition])
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
        await self._replay.begin(new)
        standing = await self._replay.catch_up(old)
        differences, compared = await self._comparing.differences(old, new, standing, self._replay.reached)
        await self._own_up(old, new, missing)
        swapped, behind = False, 0
        counted = sum(1 for each in standing.values() if each.position)
        if not self._choices.check or (compared >= counted and not differences):
            behind = await self._swap(old, new)
            swapped = True
        return Report(
            generation=new,
            replaced=old,
            swapped=swapped,
            records=self._replay.records,
            unfit=self._replay.unfit,
            partitions=len(self._log.partitions),
            compared=compared,
            behind=behind,
            missing=list(missing),
            differences=differences,
        )

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
            standing, targets = await self._replay.targets(old)
            await self._replay.to(targets)
            if await self._store.serve(old, new, {each: found.position for each, found in standing.items()}):
                return 0
        for _ in range(_ATTEMPTS):
            _, targets = await self._replay.targets(old)
            if await self._store.serve(old, new, None):
                return self._replay.lag(targets)
        raise Conflict("another rebuild has taken over; nothing was put in place")
