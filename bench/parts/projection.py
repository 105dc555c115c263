"""The projector as metrics composes it, timed, and what it has counted."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

from aiokafka import TopicPartition
from redis.asyncio import Redis

from parts.history import DATASET, DAYS, FIRST, Counts
from parts.ratios import Figure, Wrong
from parts.watching import watch_of
from services.metrics.consumer import KINDS, layouts, readers, reading
from services.metrics.periods import Window
from services.metrics.projector import Projector
from services.metrics.queries import Queries
from services.metrics.store import Projection, Reader
from shared import collector
from shared.clock import Clock
from shared.kafka import Consumer, DeadLetters, Publisher
from shared.reference import reference

GROUP = "oversight.metrics"
PATIENCE_SECONDS = 60
SETTLE_SECONDS = 0.3  # for the last offsets to be committed; aiokafka complains if that is cut short


def projector_of(redis: Redis, publisher: Publisher) -> Projector:
    """As services/metrics/app.py composes it."""
    clock = Clock()
    return Projector(Projection(redis, clock), readers(reference()), DeadLetters(publisher, "metrics", clock), clock)


def reader_of(redis: Redis) -> Reader:
    return Reader(redis, layouts(reference()))


def queries_of(redis: Redis) -> Queries:
    return Queries(reader_of(redis), Clock(), reference())


class Timed:
    """A projector whose clock runs from where it knows where to begin, as the drain's does, to the last event applied.

    `total`: how many events the log holds.
    """

    def __init__(self, projector: Projector, total: int) -> None:
        self._projector, self._total = projector, total
        self._apply = projector.apply
        self._began = self._processor_began = 0.0
        self.applied = self.steps = 0
        self.figure: asyncio.Future[Figure] = asyncio.get_running_loop().create_future()

    async def check_partitions(self, topic: str, count: int) -> None:
        await self._projector.check_partitions(topic, count)

    async def start_at(self, partition: TopicPartition, cluster: str, earliest: int, latest: int) -> int:
        start = await self._projector.start_at(partition, cluster, earliest, latest)
        self._began, self._processor_began = perf_counter(), process_time()
        return start

    async def apply(self, partition: TopicPartition, records: Sequence[Any]) -> int:
        following = await self._apply(partition, records)
        self.applied += len(records)
        self.steps += 1
        if self.applied >= self._total and not self.figure.done():
            seconds, processor = perf_counter() - self._began, process_time() - self._processor_began
            self.figure.set_result(Figure(self.applied, seconds, processor))
        return following


async def project(
    kafka: str, redis: Redis, publisher: Publisher, total: int, *, watched: bool = False
) -> tuple[Figure, int]:
    """Project the log from its beginning into an empty Redis: `total` events; also how many steps that took.

    `watched`: beside it, alert rules are watched as by the service.
    """
    timed = Timed(projector_of(redis, publisher), total)
    consumer = Consumer(kafka, GROUP, KINDS, timed.apply, positions=timed, exclusive=True, reading=reading())
    collector.settle()
    running, beside = asyncio.create_task(consumer.run()), []
    if watched:
        watch = watch_of(
            redis,
            queries_of(redis),
            caught_up=lambda: timed.applied > 0 and consumer.caught_up(),
            applied=lambda: timed.applied,
        )
        beside.append(asyncio.create_task(watch.run(_nothing)))
    try:
        await asyncio.wait({running, timed.figure}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running  # it ends only by a fault
        if not timed.figure.done():
            raise Wrong(f"{timed.applied:,} of {total:,} events were applied: {consumer.ready()}")
        await asyncio.sleep(SETTLE_SECONDS)
    finally:
        for task in (running, *beside):
            task.cancel()
        await asyncio.wait([running, *beside])
    if faults := [task.exception() for task in beside if not task.cancelled()]:
        raise Wrong(f"the watch has ended: {faults}")
    return timed.figure.result(), timed.steps


async def _nothing() -> None:
    """Sets no gauges."""


async def check_counts(redis: Redis, true: Counts) -> int:
    """Answers how many counts it compared; raises Wrong with the first that is not the model's."""
    reader, known = reader_of(redis), reference()
    places = reader.layout("crime").places
    window = Window(FIRST, FIRST + timedelta(days=DAYS - 1))
    (matrix,) = await reader.sums("crime", DATASET, [window])
    counted = [measure for measure in true if measure in places]
    for measure in counted:
        for area in known.areas:
            found, right = int(matrix[area.index, places[measure]]), true[measure].get(area.id, 0)
            if found != right:
                raise Wrong(f"{measure} in {area.name}: counted {found:,}, truly {right:,}")
    return len(counted) * len(known.areas)
