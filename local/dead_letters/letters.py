"""Dead letters: what no service could read or count, read back from Kafka with what was done about them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from local.dead_letters import marks
from local.dead_letters.marks import Mark
from local.errors import LocalError
from shared.events import AnyMessage
from shared.events.topics import ALL_TOPICS, dead_letter_topic
from shared.kafka import Bounds

_CLIENT = "oversight.dead-letters"
_ABOUT = "dlq_"
_SOURCES = "/sources/"
_MOST_AT_ONCE = 500
_ORIGINAL = {dead_letter_topic(topic): topic for topic in ALL_TOPICS}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message put aside. `topic` is the one that it was published to; it lies in that topic's dead letters."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    mark: Mark | None = None
    """What was done about it; nothing as yet where there is none."""

    @property
    def lies_in(self) -> TopicPartition:
        return TopicPartition(dead_letter_topic(self.topic), self.partition)

    @property
    def source(self) -> str:
        """Whose event it is, as the message itself says; empty where it does not."""
        return self._header("ce_source").removeprefix(_SOURCES)

    def about(self, name: str) -> str:
        """The header `dlq_<name>`: reason, stack, partition, offset, consumer or at; empty where there is none."""
        return self._header(f"{_ABOUT}{name}")

    def _header(self, name: str) -> str:
        found = [text for header, text in self.headers if header == name]
        return (found[-1] or b"").decode(errors="replace") if found else ""

    def original(self) -> AnyMessage:
        """The message as it was first published."""
        headers = [(name, text) for name, text in self.headers if not name.startswith(_ABOUT)]
        return AnyMessage(self.topic, self.key, self.value, headers)


class DeadLetterBox:
    """The dead letters that a Kafka cluster held when `open_box` connected to it."""

    def __init__(self, consumer: AIOKafkaConsumer, bounds: Mapping[TopicPartition, Bounds]) -> None:
        self._consumer, self._bounds = consumer, bounds

    async def letters(self, *, everything: bool = False) -> AsyncIterator[DeadLetter]:
        """Those that nothing was done about, or all that Kafka still holds, partition by partition in their order."""
        for partition, held in self._bounds.items():
            marked = await self._marked(partition)
            async for record in self._read(partition, *held):
                mark = marked.get(record.offset)
                if not marks.is_mark(record) and (everything or mark is None):
                    yield _letter(record, mark)

    async def letter(self, topic: str, partition: int, offset: int) -> DeadLetter:
        """The one put aside from `topic` that lies at that place; LocalError if there is none."""
        place = TopicPartition(dead_letter_topic(topic), partition)
        held = self._bounds.get(place)
        if held and held.earliest <= offset < held.end:
            async for record in self._read(place, offset, offset + 1):
                if not marks.is_mark(record):
                    return _letter(record, (await self._marked(place)).get(offset))
        raise LocalError(f"no dead letter of {topic} lies in partition {partition} at offset {offset}")

    async def waiting(self, most: int = _MOST_AT_ONCE) -> AsyncIterator[list[DeadLetter]]:
        """Those that nothing was done about, so many at a time."""
        batch: list[DeadLetter] = []
        async for letter in self.letters():
            batch.append(letter)
            if len(batch) == most:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _marked(self, partition: TopicPartition) -> dict[int, Mark]:
        """The letters of a partition that something was done about; of several marks the first counts."""
        found: dict[int, Mark] = {}
        async for record in self._read(partition, *self._bounds[partition]):
            if mark := marks.read(record):
                for offset in mark.offsets:
                    found.setdefault(offset, mark)
        return found

    async def _read(self, partition: TopicPartition, start: int, end: int) -> AsyncIterator[Any]:
        if start >= end:
            return
        self._consumer.assign([partition])
        self._consumer.seek(partition, start)
        while await self._consumer.position(partition) < end:
            got = await self._consumer.getmany(partition, timeout_ms=1000, max_records=_MOST_AT_ONCE)
            for record in got.get(partition, []):
                if record.offset < end:
                    yield record


def _letter(record: Any, mark: Mark | None) -> DeadLetter:
    place = _ORIGINAL[record.topic], record.partition, record.offset
    return DeadLetter(*place, record.key, record.value, tuple(record.headers), mark)


@asynccontextmanager
async def open_box(kafka: str, topics: Sequence[str] = ALL_TOPICS) -> AsyncIterator[DeadLetterBox]:
    """The dead letters of `topics` (those that they were published to); LocalError if Kafka does not answer."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        client_id=_CLIENT,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    try:
        partitions = await _partitions(kafka, [dead_letter_topic(topic) for topic in topics])
        await consumer.start()
        yield DeadLetterBox(consumer, await _bounds(consumer, partitions))
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


async def _bounds(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Bounds]:
    if not partitions:
        return {}
    earliest, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    return {each: Bounds(earliest[each], end[each]) for each in partitions}
