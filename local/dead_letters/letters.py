"""Dead letters: what no service could read or count, read back from Kafka.

How far they were dealt with is kept in Kafka, as the committed offsets of the group `oversight.dead-letters`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from local.errors import LocalError
from shared.events import Message
from shared.events.topics import ALL_TOPICS, dead_letter_topic

GROUP = "oversight.dead-letters"
_ABOUT = "dlq_"
_MOST_AT_ONCE = 500
_ORIGINAL = {dead_letter_topic(topic): topic for topic in ALL_TOPICS}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message put aside. `topic` is the one that it was published to; it lies in that topic's dead letters."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def lies_in(self) -> TopicPartition:
        return TopicPartition(dead_letter_topic(self.topic), self.partition)

    def about(self, name: str) -> str:
        """The header `dlq_<name>`: reason, partition, offset, consumer or at; empty where there is none."""
        found = [text for header, text in self.headers if header == f"{_ABOUT}{name}"]
        return found[-1].decode(errors="replace") if found else ""

    def original(self) -> Message:
        """The message as it was first published."""
        headers = [(name, text) for name, text in self.headers if not name.startswith(_ABOUT)]
        return Message(self.topic, self.key, self.value, headers)


@dataclass(frozen=True, slots=True)
class Extent:
    """What Kafka holds of a partition: the offsets from `earliest` up to, not including, `end`. `done`: dealt with."""

    earliest: int
    done: int
    end: int


class DeadLetterBox:
    """The dead letters that a Kafka cluster held when `open_box` connected to it."""

    def __init__(self, consumer: AIOKafkaConsumer, extents: dict[TopicPartition, Extent]) -> None:
        self._consumer, self._extents = consumer, extents

    async def letters(self, *, everything: bool = False) -> AsyncIterator[DeadLetter]:
        """Those not yet dealt with, or all that Kafka still holds, partition by partition in their order."""
        for partition, extent in self._extents.items():
            start = extent.earliest if everything else max(extent.earliest, extent.done)
            async for letter in self._read(partition, start, extent.end):
                yield letter

    async def letter(self, topic: str, partition: int, offset: int) -> DeadLetter:
        """The one put aside from `topic` that lies at that place; LocalError if there is none."""
        place = TopicPartition(dead_letter_topic(topic), partition)
        extent = self._extents.get(place)
        if extent and extent.earliest <= offset < extent.end:
            async for letter in self._read(place, offset, offset + 1):
                return letter
        raise LocalError(f"no dead letter of {topic} lies in partition {partition} at offset {offset}")

    async def settle(self, letters: Sequence[DeadLetter]) -> None:
        """Remember that these, and those before them in their partitions, were dealt with."""
        if letters:
            await self._consumer.commit({each.lies_in: each.offset + 1 for each in letters})

    async def _read(self, partition: TopicPartition, start: int, end: int) -> AsyncIterator[DeadLetter]:
        if start >= end:
            return
        self._consumer.seek(partition, start)
        while await self._consumer.position(partition) < end:
            got = await self._consumer.getmany(partition, timeout_ms=1000, max_records=_MOST_AT_ONCE)
            for record in got.get(partition, []):
                if record.offset < end:
                    yield _letter(record)


def _letter(record: Any) -> DeadLetter:
    topic, key, value = _ORIGINAL[record.topic], record.key or b"", record.value or b""
    return DeadLetter(topic, record.partition, record.offset, key, value, tuple(record.headers))


@asynccontextmanager
async def open_box(kafka: str, topics: Sequence[str] = ALL_TOPICS) -> AsyncIterator[DeadLetterBox]:
    """The dead letters of `topics` (those that they were published to); LocalError if Kafka does not answer."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=GROUP,
        client_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=50,
    )
    try:
        partitions = await _partitions(kafka, [dead_letter_topic(topic) for topic in topics])
        await consumer.start()
        # Assigned, not subscribed: the embedded broker lets a group have one member, and a join takes seconds.
        consumer.assign(partitions)
        yield DeadLetterBox(consumer, await _extents(consumer, partitions))
    except KafkaError as error:
        raise LocalError(f"Kafka at {kafka}: {error!r}") from error
    finally:
        await consumer.stop()


async def _partitions(kafka: str, topics: Sequence[str]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        existing = sorted(set(topics) & set(await admin.list_topics()))
        described = await admin.describe_topics(existing) if existing else []
    finally:
        await admin.close()
    places = [(topic["topic"], each["partition"]) for topic in described for each in topic["partitions"]]
    return [TopicPartition(*place) for place in sorted(places)]


async def _extents(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Extent]:
    if not partitions:
        return {}
    earliest, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, earliest[partition])
    done = {partition: await consumer.committed(partition) or 0 for partition in partitions}
    return {each: Extent(earliest[each], done[each], end[each]) for each in partitions}
