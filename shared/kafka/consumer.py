"""The consumer loop that every service shares: poll -> apply -> commit, one partition's batch at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from shared.errors import Unavailable
from shared.kafka.cluster import cluster_id
from shared.kafka.limit import Halted
from shared.kafka.reading import Batches, ReadAhead, Reading

log = logging.getLogger(__name__)
LAG = Gauge("oversight_consumer_lag_records", "Records not yet applied.", ["group", "topic", "partition"])
HALTED = Gauge("oversight_consumer_halted", "1 while a consumer has stopped: too many dead letters.", ["group"])
_ASKED_EVERY_SECONDS = 2

Apply = Callable[[TopicPartition, Sequence[Any]], Awaitable[int]]
"""Applies the records of one partition, all or none, and answers the next offset to read. It may be given the
same records again, after a crash or a rebalance, and must then change nothing. Unavailable means: again, later;
Halted: not before somebody has decided."""


class Positions(Protocol):
    """Decides where a partition is read on, for a consumer that keeps its offsets beside its results."""

    async def check_partitions(self, topic: str, count: int) -> None: ...

    async def start_at(self, partition: TopicPartition, cluster: str, earliest: int, latest: int) -> int: ...


class Consumer:
    """Reads `topics` as a member of `group` until cancelled; a fault is retried with backoff, never skipped.

    `exclusive`: this process is the only member and takes every partition itself. The embedded broker needs it (it
    serves one member a group, and a join takes seconds); with several replicas Kafka must share the partitions out.
    While batches are applied, the next ones are fetched.
    """

    def __init__(
        self,
        kafka: str,
        group: str,
        topics: Collection[str],
        apply: Apply,
        *,
        positions: Positions | None = None,
        exclusive: bool = False,
        reading: Reading = Reading(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self._kafka, self._group, self._topics = kafka, group, tuple(topics)
        self._apply, self._positions, self._exclusive = apply, positions, exclusive
        self._reading, self._turns = reading, asyncio.Semaphore(reading.at_once)
        self._cluster = ""
        self._positioned: set[TopicPartition] = set()
        self._behind: dict[TopicPartition, int] = {}
        self._fault: str | None = "the consumer has not started"
        HALTED.labels(group).set(0)

    def ready(self) -> str | None:
        """None while records are being read, else what is wrong."""
        return self._fault

    def caught_up(self) -> bool:
        """Whether everything that was known to be in the log when it was last read has been applied."""
        return not any(self._behind.values())

    async def run(self) -> None:
        """Consume until cancelled."""
        delay = 0.2
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._session()
            except Halted as halt:
                await self._stand_still(halt)
            except (KafkaError, Unavailable, OSError) as error:
                self._fault = f"{self._group}: {error!r}"
                log.warning("consumer %s pauses: %r", self._group, error)
            lasted = asyncio.get_running_loop().time() - began
            delay = 0.2 if lasted > 60 else min(delay * 2, 10)
            await asyncio.sleep(delay)

    async def _stand_still(self, halt: Halted) -> None:
        """Read nothing more until somebody has decided; the partitions are left to others, who come to the same."""
        self._fault = f"{self._group}: {halt}"
        HALTED.labels(self._group).set(1)
        log.critical("consumer %s %s", self._group, halt)
        try:
            while not await halt.lifted():  # noqa: ASYNC110 - the decision is made elsewhere
                await asyncio.sleep(_ASKED_EVERY_SECONDS)
        finally:
            HALTED.labels(self._group).set(0)
        log.warning("consumer %s goes on, as it was decided", self._group)

    async def _session(self) -> None:
        self._positioned.clear()
        self._behind.clear()
        self._cluster = await cluster_id(self._kafka)
        consumer = self._new_consumer()
        try:
            await consumer.start()
            await self._take_partitions(consumer)
            while True:
                await self._position(consumer)
                await self._apply_all(consumer, await consumer.read())
        finally:
            await consumer.stop()

    def _new_consumer(self) -> ReadAhead:
        return ReadAhead(
            self._reading,
            self._turns,
            bootstrap_servers=self._kafka,
            group_id=self._group,
            client_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,  # the embedded broker answers an empty fetch only after this long
            metadata_max_age_ms=5_000,  # a topic created after the start is noticed this soon
            max_partition_fetch_bytes=2 * 1024 * 1024,
            max_poll_interval_ms=600_000,
        )

    async def _take_partitions(self, consumer: ReadAhead) -> None:
        if not self._exclusive:
            consumer.subscribe(self._topics, listener=_Assignments(self._forget))
            return
        taken = []
        for topic in self._topics:
            # Its public partitions_for_topic() knows no topic that nobody has written to; this creates it.
            numbers = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001
            taken += [TopicPartition(topic, number) for number in sorted(numbers)]
        if self._positions:
            await self._seek(consumer, self._positions, taken)
        else:
            consumer.assign(taken)

    async def _position(self, consumer: ReadAhead) -> None:
        # Not in the rebalance callback: aiokafka swallows what that raises, and would read on from elsewhere.
        fresh = sorted(set(consumer.assignment()) - self._positioned)
        if fresh and self._positions:
            await self._seek(consumer, self._positions, fresh)
        self._fault = None

    async def _seek(self, consumer: ReadAhead, positions: Positions, fresh: Sequence[TopicPartition]) -> None:
        for topic in {partition.topic for partition in fresh}:
            numbers = consumer.partitions_for_topic(topic)
            if not numbers:  # the number is kept for good: a wrong one would be asked for ever after
                raise Unavailable(f"Kafka does not tell how many partitions {topic} has")
            await positions.check_partitions(topic, len(numbers))
        earliest = await consumer.beginning_offsets(fresh)
        latest = await consumer.end_offsets(fresh)
        starts = {each: await positions.start_at(each, self._cluster, earliest[each], latest[each]) for each in fresh}
        if self._exclusive:  # not before: aiokafka would first look for committed offsets, and fetch from there
            consumer.assign(fresh)
        sought = {}
        for partition, start in starts.items():
            if partition in consumer.assignment():
                # Marked and sought in one go: a rebalance meanwhile takes the mark away, and this is done again.
                self._positioned.add(partition)
                consumer.seek(partition, start)
                sought[partition] = start
        # What was applied just before a crash was not committed, and may be the last there is to commit.
        await self._commit(consumer, sought)

    async def _apply_all(self, consumer: ReadAhead, batches: Batches) -> None:
        applying = {
            partition: asyncio.create_task(self._apply_in_turn(partition, records))
            for partition, records in batches.items()
            if self._takes(consumer, partition)
        }
        for partition in applying:
            self._observe(consumer, partition, batches[partition][0].offset)
        consumer.read_ahead()
        await asyncio.gather(*applying.values(), return_exceptions=True)
        await self._settle(consumer, batches, applying)
        for task in applying.values():
            task.result()  # raises what went wrong, now that the others are done

    async def _settle(
        self,
        consumer: ReadAhead,
        batches: Batches,
        applied: dict[TopicPartition, asyncio.Task[int]],
    ) -> None:
        # aiokafka refuses to be asked about a partition that was taken away meanwhile; whoever has it now reads it on.
        held = {partition: task for partition, task in applied.items() if partition in consumer.assignment()}
        done = {partition: task.result() for partition, task in held.items() if not task.exception()}
        for partition, following in done.items():
            self._observe(consumer, partition, following)
            if following != batches[partition][-1].offset + 1:
                consumer.seek(partition, following)
        await self._commit(consumer, done)

    async def _apply_in_turn(self, partition: TopicPartition, records: Sequence[Any]) -> int:
        async with self._turns:
            for first in range(0, len(records), self._reading.max_records):
                step = records[first : first + self._reading.max_records]
                following = await self._up_to_a_halt(partition, step, records[0].offset)
                if following != step[-1].offset + 1:
                    break  # it goes on from elsewhere
        return following

    async def _up_to_a_halt(self, partition: TopicPartition, records: Sequence[Any], begun: int) -> int:
        """Apply what comes before a halt; raises Halted where nothing has been applied since the offset `begun`."""
        try:
            return await self._apply(partition, records)
        except Halted as halt:
            before = [record for record in records if record.offset < halt.offset]
            if before:
                return await self._apply(partition, before)
            if records[0].offset == begun:
                raise
            return int(records[0].offset)

    def _takes(self, consumer: ReadAhead, partition: TopicPartition) -> bool:
        # Assigned while polling: it is first sought to its own position. A group's committed offset needs no seeking,
        # and nothing would bring these records back.
        unsought = self._positions is not None and partition not in self._positioned
        return not unsought and partition in consumer.assignment()

    async def _commit(self, consumer: ReadAhead, done: dict[TopicPartition, int]) -> None:
        held = {partition: offset for partition, offset in done.items() if partition in consumer.assignment()}
        if held:
            await consumer.commit(held)

    def _forget(self, partitions: Collection[TopicPartition]) -> None:
        self._positioned.difference_update(partitions)
        for partition in partitions:
            if self._behind.pop(partition, None) is not None:
                LAG.remove(self._group, partition.topic, partition.partition)

    def _observe(self, consumer: ReadAhead, partition: TopicPartition, following: int) -> None:
        # Before a batch as well as after it: while one cannot be applied, this is how an operator sees it.
        behind = max(0, (consumer.highwater(partition) or 0) - following)
        self._behind[partition] = behind
        LAG.labels(self._group, partition.topic, partition.partition).set(behind)


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """Has partitions forgotten whenever the group shares them out anew."""

    def __init__(self, forget: Callable[[Collection[TopicPartition]], None]) -> None:
        self._forget = forget

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._forget(revoked)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._forget(assigned)
