"""Publishing: every message is acknowledged by all in-sync replicas before it counts as published."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.clock import Clock
from shared.errors import Unavailable
from shared.events import AnyMessage, Message
from shared.events.topics import partition_of
from shared.kafka.records import MAX_BATCH_BYTES, Form, Place, RecordBatch, Routed, batches, body_of

log = logging.getLogger(__name__)
_CONNECT_SECONDS = 5
_END_SECONDS = 2


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
        self._timeout, self._patience, self._clock = timeout_seconds, patience_seconds, Clock()
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
        """Close; nobody waits for an answer now, so what is under way is given up soon."""
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._producer:
            await _end(self._producer)

    async def ready(self) -> str | None:
        """None when Kafka answers, else what is wrong."""
        try:
            producer = await self._connected()
            async with asyncio.timeout(2):
                answered = await producer.client.force_metadata_update()
        except (KafkaError, Unavailable, TimeoutError) as error:
            return f"Kafka does not answer: {error!r}"
        return None if answered else "Kafka does not answer"

    async def route(self, messages: Iterable[Message | AnyMessage]) -> Routed:
        """The records of messages by the partition that each belongs to; raises Unavailable when Kafka does not say."""
        counts: dict[str, int] = {}
        routed: Routed = {}
        for message in messages:
            topic = message.topic
            count = counts.get(topic) or counts.setdefault(topic, await self._partitions(topic))
            routed.setdefault((topic, partition_of(message.key or b"", count)), []).append(body_of(message))
        return routed

    async def route_alike(self, topic: str, form: Form, messages: Iterable[tuple[bytes, bytes, bytes]]) -> Routed:
        """As `route`, of messages of one topic and form: each its key, value, and first header's value."""
        known = self._producer.client.cluster.partitions_for_topic(topic) if self._producer else None
        return form.bodies(messages, topic, len(known) if known else await self._partitions(topic))

    async def _partitions(self, topic: str) -> int:
        producer = self._producer or await self._connected()
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

    async def publish(self, messages: Sequence[Message | AnyMessage]) -> None:
        """Publish all, in order within a partition."""
        await self.publish_routed(await self.route(messages))

    async def publish_routed(self, routed: Routed) -> dict[tuple[str, int], int]:
        """Publish what `route` answered; answers the last offset in each (topic, partition), or -1."""
        producer = await self._connected()
        now_ms = int(self._clock.now().timestamp() * 1000)
        try:
            async with asyncio.timeout(self._timeout):
                written = await asyncio.gather(
                    *(_write(producer, place, batches(bodies, now_ms)) for place, bodies in routed.items())
                )
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
        with suppress(KafkaError):
            await _end(producer)


async def _end(producer: AIOKafkaProducer) -> None:
    """Close it. For what Kafka has not acknowledged, aiokafka would wait for ever, and send it again and again."""
    try:
        async with asyncio.timeout(_END_SECONDS):
            await producer.stop()
    except TimeoutError:
        log.warning("Kafka does not answer; what it had not acknowledged is given up")
        producer._sender.sender_task.cancel()  # noqa: SLF001 - nothing else ends it
        await producer.client.close()


async def _write(producer: AIOKafkaProducer, place: Place, group: Iterable[RecordBatch]) -> int:
    """Write the batches in their order; answers the last record's offset, -1 where Kafka had it before and forgot."""
    topic, partition = place
    pending, count = [], 0
    for batch in group:
        pending.append(await producer.send_batch(batch, topic, partition=partition))
        count = batch.record_count()
    acknowledged = await asyncio.gather(*pending)
    first: int = acknowledged[-1].offset
    return first + count - 1 if first >= 0 else -1
