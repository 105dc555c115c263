"""The projector: batches of records from Kafka become counts in Redis, each record exactly once."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiokafka import TopicPartition

from services.metrics import telemetry
from services.metrics.facts import Facts, Unfit
from services.metrics.layout import Layout
from services.metrics.states import digest
from services.metrics.steps import Change, work_out
from services.metrics.store import Fenced, Position, Projection
from shared.errors import Unavailable
from shared.events import Indicator, Undecodable, decode
from shared.events.periods import parse_period
from shared.kafka import DeadLetters

log = logging.getLogger(__name__)


class Projector:
    """Applies batches in atomic steps, and says where each partition is read on.

    `layouts` by topic; None for a topic whose records are kept, not counted. After any crash, retry or rebalance the
    counts stand as if every record had been applied once, because a step holds its own next offset.
    """

    def __init__(
        self, store: Projection, facts: Facts, layouts: Mapping[str, Layout | None], dead_letters: DeadLetters
    ) -> None:
        self._store, self._facts, self._layouts, self._dead_letters = store, facts, layouts, dead_letters
        self._positions: dict[TopicPartition, Position] = {}

    async def check_partitions(self, topic: str, count: int) -> None:
        """Raises Unavailable, saying what to do, if the topic was counted with another number of partitions."""
        await self._store.check_partitions(topic, count)

    async def start_at(self, partition: TopicPartition, cluster: str, earliest: int, latest: int) -> int:
        """The offset to read on from; the partition's stored one unless the log is another, or has lost it."""
        stored = await self._store.position(partition)
        if stored and stored.cluster == cluster and earliest <= stored.next <= latest:
            position = stored
        else:
            # Into an empty memory, or from another cluster, all is read that was ever written there.
            expected = stored.next if stored and stored.cluster == cluster else 0
            lost = max(0, earliest - expected)
            position = await self._move(partition, stored, cluster, earliest, lost)
        self._positions[partition] = position
        return position.next

    async def apply(self, partition: TopicPartition, records: Sequence[Any]) -> int:
        """Apply a batch in one step; answers the next offset, which another process may have moved meanwhile."""
        position = self._positions[partition]
        if records[0].offset > position.next:
            # Nothing is compacted or transactional here: what is missing was deleted before it was read.
            found = records[0].offset
            position = await self._move(partition, position, position.cluster, found, found - position.next)
        began = time.perf_counter()
        following: int = records[-1].offset + 1
        changes = await self._changes(partition.topic, records)
        stored = await self._store.states(partition, [change.record for change in changes])
        step = work_out(changes, stored, self._layouts[partition.topic])
        try:
            self._positions[partition] = await self._store.commit(partition, position, following, step)
        except Fenced as fenced:
            return self._yield_to(partition, position, fenced)
        telemetry.STEP_SECONDS.observe(time.perf_counter() - began)
        telemetry.PROJECTED.labels(partition.topic).inc(len(records))
        telemetry.UNCHANGING.labels(partition.topic).inc(step.unchanging)
        return following

    async def _move(
        self, partition: TopicPartition, old: Position | None, cluster: str, following: int, lost: int
    ) -> Position:
        if lost:
            telemetry.GAPS.inc()
            log.error("%d records of %s are gone from the log; its counts are incomplete", lost, partition)
        try:
            return await self._store.move(partition, old, cluster, following, lost)
        except Fenced as fenced:
            raise Unavailable(f"{partition} was moved by another process to {fenced.stored}") from fenced

    def _yield_to(self, partition: TopicPartition, position: Position, fenced: Fenced) -> int:
        telemetry.FENCED.inc()
        log.warning("%s: %s, not at %s", partition, fenced, position)
        if fenced.stored is None or fenced.stored.cluster != position.cluster:
            raise Unavailable(f"{partition} is read from another log now") from fenced
        self._positions[partition] = fenced.stored
        return fenced.stored.next

    async def _changes(self, topic: str, records: Sequence[Any]) -> list[Change]:
        changes, rejected = [], []
        for record in records:
            try:
                changes.append(self._change(topic, record))
            except (Undecodable, Unfit) as reason:
                rejected.append((record, str(reason)))
        await self._dead_letters.put(rejected)
        return changes

    def _change(self, topic: str, record: Any) -> Change:
        if not record.key:
            raise Unfit("the message has no key, which is the record's identity")
        event = decode(topic, record.value)
        name = digest(record.key)
        if isinstance(event, Indicator):
            _check_period(event)
            text = msgspec.json.encode(event).decode()
            return Change(name, event.dataset, event.revision, [], (event.record_id, text))
        return Change(name, event.dataset, event.revision, self._facts.of(event))


def _check_period(indicator: Indicator) -> None:
    try:
        parse_period(indicator.period)
    except ValueError as wrong:
        raise Unfit(str(wrong)) from wrong
