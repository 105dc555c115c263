"""The projector: batches of records from Kafka become counted facts in Redis, each record exactly once."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
from aiokafka import TopicPartition

from services.metrics import telemetry
from services.metrics.facts import Facts, Indicators, Unfit
from services.metrics.rows import Array, number_of
from services.metrics.states import names
from services.metrics.steps import NOTHING, Batch, Step, work_out
from services.metrics.store import Fenced, Position, Projection
from shared.clock import Clock
from shared.errors import Unavailable
from shared.events import Undecodable
from shared.kafka import Rejected

log = logging.getLogger(__name__)


class Rejections(Protocol):
    """Keeps what cannot be counted, each Kafka record with its reason, or with the fault that it raised."""

    async def put(self, rejected: Sequence[Rejected]) -> None: ...


class Projector:
    """Applies batches in atomic steps, and says where each partition is read on.

    `readers` by topic: what reads facts off its events. After any crash, retry or rebalance the counts stand as if
    every record had been applied once, because a step holds its own next offset.
    """

    def __init__(
        self, store: Projection, readers: Mapping[str, Facts | Indicators], dead_letters: Rejections, clock: Clock
    ) -> None:
        self._store, self._readers, self._dead_letters, self._clock = store, readers, dead_letters, clock
        self._positions: dict[TopicPartition, Position] = {}
        self.applied = 0
        """How many records have been applied since the start."""

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
        step = await self._step(partition, records)
        try:
            self._positions[partition] = await self._store.commit(partition, position, following, step)
        except Fenced as fenced:
            return self._yield_to(partition, position, fenced)
        telemetry.STEP_SECONDS.observe(time.perf_counter() - began)
        self.applied += len(records)
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
            raise Unavailable(f"{partition} is read from another log now, or into other counts") from fenced
        self._positions[partition] = fenced.stored
        return fenced.stored.next

    async def _step(self, partition: TopicPartition, records: Sequence[Any]) -> Step:
        """What the batch changes, without what cannot be read or applied. A fault of Redis is no fault of a record."""
        reader, today = self._readers[partition.topic], number_of(self._clock.today())
        try:
            batch = _batch(reader, records)
        except Exception:  # noqa: BLE001 - which record it is about, and what that raises, is found out
            fit = await self._fit(records, partial(_read_alone, reader, records))
            if not fit:
                return NOTHING
            records = [records[place] for place in fit]
            batch = _batch(reader, records)
        stored = await self._store.states(partition, batch.names, reader.dtype)
        try:
            return work_out(batch, stored, today)
        except Exception:  # noqa: BLE001 - as above
            fit = await self._fit(records, partial(_work_out_alone, reader, records, stored, today))
        return work_out(_batch(reader, [records[place] for place in fit]), stored[fit], today) if fit else NOTHING

    async def _fit(self, records: Sequence[Any], alone: Callable[[int], object]) -> list[int]:
        """The places of the records that pass `alone`; the others become dead letters, each with its reason."""
        fit: list[int] = []
        rejected: list[Rejected] = []
        for place, record in enumerate(records):
            try:
                alone(place)
                fit.append(place)
            except (Undecodable, Unfit) as refusal:
                rejected.append((record, str(refusal)))
            except Exception as fault:  # noqa: BLE001 - a record is kept with whatever it raised
                rejected.append((record, fault))
        await self._dead_letters.put(rejected)
        return fit


def _read_alone(reader: Facts | Indicators, records: Sequence[Any], place: int) -> Batch:
    return _batch(reader, [records[place]])


def _work_out_alone(reader: Facts | Indicators, records: Sequence[Any], stored: Array, today: int, place: int) -> Step:
    return work_out(_read_alone(reader, records, place), stored[place : place + 1], today)


def _batch(reader: Facts | Indicators, records: Sequence[Any]) -> Batch:
    """What the records say. Raises Undecodable or Unfit if anything is wrong with any."""
    keys = [record.key for record in records]
    if not all(keys):
        raise Unfit("the message has no key, which is the record's identity")
    states, datasets, values = reader.of([record.value for record in records])
    return Batch(names(keys), states, *_streams(keys, datasets), values)


def _streams(keys: Sequence[bytes], datasets: Sequence[str]) -> tuple[Array, list[str]]:
    """Each record's stream, its source and dataset, by its place among their names; raises Unfit."""
    if len(set(datasets)) == 1:  # most batches are of one stream alone
        first = _stream(keys[0], datasets[0])
        # What the least and the greatest begin with, all between them begin with.
        if all(each.startswith(f"{first}/".encode()) for each in (min(keys), max(keys))):
            return np.zeros(len(keys), np.int64), [first]
    found: dict[str, int] = {}
    streams = map(_stream, keys, datasets)
    places = [found.setdefault(stream, len(found)) for stream in streams]
    return np.array(places, np.int64), list(found)


def _stream(key: bytes, dataset: str) -> str:
    """The stream that a record's key names; raises Unfit, also if that is not of the event's dataset.

    A record's revisions would otherwise be added to one dataset and taken back from another.
    """
    source, _, rest = key.partition(b"/")
    if not source or not rest.startswith(f"{dataset}/".encode()):
        raise Unfit(f"the key {key!r} is not <source>/{dataset}/<record>, the record's identity")
    try:
        return f"{source.decode()}/{dataset}"
    except UnicodeDecodeError as wrong:
        raise Unfit(f"the key {key!r} is not UTF-8") from wrong
