"""Reading ahead: the next batches are fetched and unpacked while the last ones are applied."""

import asyncio
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.bare import leave_out_headers

Batches = dict[TopicPartition, list[Any]]


class Reading(NamedTuple):
    """How a log is read.

    `max_records`: how many of a partition are applied at a time, at most; `at_once`: how many partitions are applied
    side by side, so that while one's step is on its way another's batch is decoded. Without `headers` records are Bare.
    """

    max_records: int = 5000
    at_once: int = 1
    headers: bool = True


class ReadAhead(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka ships no types
    """aiokafka's consumer, of which batches are taken with `read` alone.

    `turns` is what batches wait for to be applied: the next ones are unpacked in their turn, while steps are on their
    way.
    """

    def __init__(self, reading: Reading, turns: asyncio.Semaphore, **settings: Any) -> None:
        super().__init__(**settings)
        self._reading, self._turns = reading, turns
        self._fetching: asyncio.Task[Batches] | None = None
        self._sought: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Connect; raises KafkaError."""
        await super().start()
        if not self._reading.headers:
            leave_out_headers(self)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Have the partition read on from `offset`."""
        super().seek(partition, offset)
        if self._fetching:
            self._sought[partition] = offset

    async def read(self) -> Batches:
        """The records that come next by partition; none when none came for half a second."""
        batches = await self.read_ahead()
        # What was fetched while its partition was sought may be from before that: it is read again.
        for partition in self._sought.keys() & batches.keys():
            del batches[partition]
            if partition in self.assignment():
                super().seek(partition, self._sought[partition])
        self._fetching = None
        self._sought.clear()
        return batches

    def read_ahead(self) -> asyncio.Task[Batches]:
        """Begin to fetch what `read` will answer."""
        self._fetching = self._fetching or asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> Batches:
        most = self._reading.max_records * self._reading.at_once
        async with self._turns:
            batches: Batches = await self.getmany(timeout_ms=500, max_records=most)
        return batches

    async def stop(self) -> None:
        """Close; what was read ahead is forgotten."""
        if self._fetching:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})
        await super().stop()
