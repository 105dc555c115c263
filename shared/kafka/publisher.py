"""Publishing: every message is acknowledged by all in-sync replicas before it counts as published."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.record.memory_records import MemoryRecords

from shared.errors import Unavailable
from shared.events import Entry, Message
from shared.events.topics import partition_of

log = logging.getLogger(__name__)
_CONNECT_SECONDS = 5
MAX_BATCH_BYTES = 512 * 1024
_OTHER_HEADERS_BYTES = 150
Place = tuple[str, int]
Batch = Any
"""aiokafka's BatchBuilder, which ships no types: a record batch that takes messages until it is full, or sent."""
Routed = dict[Place, list[Any]]
"""Of each partition, in order: messages (Entry), and batches of them."""


class Declined(Unavailable):
    """Kafka will not take what it was sent, however often it is sent."""


class Publisher:
    """An idempotent producer with `acks=all`.

    Publishing returns once Kafka has acknowledged every message, and raises Unavailable when it has not within
    `timeout_seconds`; some messages may then have been written all the same, which the records' revisions make
    harmless when the caller sends them again. Nobody waits longer than `patience_seconds` for Kafka to be found.
    """

    def __init__(
        self, kafka: str, client_id: str, *, timeout_seconds: float = 10, patience_seconds: float = _CONNECT_SECONDS
    ) -> None:
        self.kafka, self._client_id = kafka, client_id
        self._timeout, self._patience = timeout_seconds, patience_seconds
        self._producer: AIOKafkaProducer | None = None
        self._connecting: asyncio.Task[AIOKafkaProducer] | None = None

    async def start(self) -> None:
        """Connect if Kafka answers; where it does not, what needs it is refused until it does."""
        try:
            await self._connected()
        except Unavailable as error:
            log.warning("started without Kafka: %s", error)

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer:
            return self._producer
        # One attempt, for all who wait; it goes on when they no longer do.
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._connect(), name="connecting to Kafka")
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(self._connecting)
        except (KafkaError, TimeoutError) as error:
            raise Unavailable(f"Kafka does not answer: {error!r}", retry_after=2) from error

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.kafka,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=4 * 1024 * 1024,
            request_timeout_ms=int(self._timeout * 1000),
            metadata_max_age_ms=30_000,
        )
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer
        return producer

    async def stop(self) -> None:
        """Close; waits for what is under way no longer than a publication may take."""
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._producer is None:
            return
        try:
            async with asyncio.timeout(self._timeout):
                await self._producer.stop()
        except TimeoutError:  # aiokafka would wait for ever for a Kafka that is gone; nobody waits for an answer now
            log.warning("Kafka does not answer; what it had not acknowledged is given up")
            await self._producer.client.close()

    async def ready(self) -> str | None:
        """None when Kafka answers, else what is wrong."""
        try:
            producer = await self._connected()
            async with asyncio.timeout(2):
                answered = await producer.client.force_metadata_update()
        except (KafkaError, Unavailable, TimeoutError) as error:
            return f"Kafka does not answer: {error!r}"
        return None if answered else "Kafka does not answer"

    async def route(self, messages: Iterable[Entry]) -> Routed:
        """The messages by the partition that each belongs to; raises Unavailable when Kafka does not say."""
        producer = self._producer or await self._connected()
        counts: dict[str, int] = {}
        routed: Routed = {}
        for message in messages:
            topic, key, _, _ = message
            count = counts.get(topic) or counts.setdefault(topic, await self._partitions(producer, topic))
            routed.setdefault((topic, partition_of(key, count)), []).append(message)
        return routed

    async def pack(self, messages: Iterable[Entry]) -> Routed:
        """As `route`, but as record batches: of many messages, nothing else is then kept."""
        producer = self._producer or await self._connected()
        counts: dict[str, int] = {}
        packed: Routed = {}
        for topic, key, value, headers in messages:
            count = counts.get(topic) or counts.setdefault(topic, await self._partitions(producer, topic))
            place = topic, partition_of(key, count)
            batches = packed.get(place)
            if batches is None:
                batches = packed[place] = [producer.create_batch()]
            if batches[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
                batches.append(producer.create_batch())
                batches[-1].append(timestamp=None, key=key, value=value, headers=headers)
        return packed

    async def _partitions(self, producer: AIOKafkaProducer, topic: str) -> int:
        known: set[int] | None = producer.client.cluster.partitions_for_topic(topic)
        try:
            if not known:
                async with asyncio.timeout(self._patience):
                    known = await producer.partitions_for(topic)
        except (KafkaError, TimeoutError) as error:
            raise Unavailable(f"Kafka does not answer: {error!r}", retry_after=2) from error
        if not known:
            raise Unavailable(f"Kafka does not say where {topic} is kept", retry_after=2)
        return len(known)

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish all, in order within a partition."""
        await self.publish_routed(await self.route(messages))

    async def publish_routed(self, routed: Routed) -> dict[tuple[str, int], int]:
        """Publish what `route` answered; answers the last offset in each (topic, partition)."""
        producer = await self._connected()
        try:
            async with asyncio.timeout(self._timeout):
                written = await asyncio.gather(*(_write(producer, *to, group) for to, group in routed.items()))
        except (KafkaError, TimeoutError) as error:
            if isinstance(error, KafkaError) and not error.retriable:
                await self._discard(producer)
                raise Declined(f"Kafka does not take this: {error!r}", retry_after=2) from error
            raise Unavailable(f"Kafka did not acknowledge in time: {error!r}", retry_after=2) from error
        return dict(zip(routed, written, strict=True))

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        """Have the next use connect anew: after a fault that is final, aiokafka's sender answers nothing else."""
        if id(self._producer) == id(producer):
            self._producer = None
            log.error("the Kafka producer is beyond use and will be replaced")
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(producer.stop(), _CONNECT_SECONDS)


async def _write(producer: AIOKafkaProducer, topic: str, partition: int, group: Iterable[Entry | Batch]) -> int:
    """Write as few record batches as hold the group, in its order; answers the last message's offset."""
    pending, written = [], None
    for written in _batches(producer, group):
        pending.append(await producer.send_batch(written, topic, partition=partition))
    acknowledged = await asyncio.gather(*pending)
    assert written, "no partition is without messages"
    last: int = acknowledged[-1].offset + written.record_count() - 1
    return last


def _batches(producer: AIOKafkaProducer, group: Iterable[Entry | Batch]) -> Iterator[Batch]:
    filling: Batch | None = None
    for item in group:
        if not isinstance(item, tuple):
            if filling:
                yield filling
            filling = None
            yield item
            continue
        _, key, value, headers = item
        if filling is None or filling.append(timestamp=None, key=key, value=value, headers=headers) is None:
            if filling:
                yield filling
            filling = producer.create_batch()
            filling.append(timestamp=None, key=key, value=value, headers=headers)
    if filling:
        yield filling


def unpacked(place: Place, batch: Batch) -> list[Message]:
    """The messages of a batch, which was perhaps sent: it cannot be sent again as it is."""
    records = MemoryRecords(bytes(batch._build())).next_batch()  # noqa: SLF001 - only where Kafka has declined it
    return [Message(place[0], each.key, each.value, list(each.headers)) for each in records]


def size(item: Entry | Batch) -> int:
    """About how many bytes of a partition it takes. Of a message's headers only `ce_id` varies, much as the key."""
    if isinstance(item, tuple):
        return 2 * len(item[1]) + len(item[2]) + _OTHER_HEADERS_BYTES
    return int(item.size())
