"""Reading a log again, from one offset to another, as nobody's group: what is committed is not touched."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.errors import Unavailable
from shared.kafka.bare import leave_out_headers
from shared.kafka.cluster import cluster_id


class Bounds(NamedTuple):
    """A partition holds the offsets from `earliest` to before `end`."""

    earliest: int
    end: int


class Log:
    """The log of some topics, in the Kafka cluster of that id."""

    def __init__(self, consumer: AIOKafkaConsumer, cluster: str, partitions: Sequence[TopicPartition]) -> None:
        self._consumer = consumer
        self.cluster, self.partitions = cluster, tuple(partitions)

    async def bounds(self) -> dict[TopicPartition, Bounds]:
        """What each partition holds now."""
        # Nothing is being fetched meanwhile: the embedded broker would answer this after that.
        self._consumer.unsubscribe()
        earliest = await self._consumer.beginning_offsets(self.partitions)
        end = await self._consumer.end_offsets(self.partitions)
        return {each: Bounds(earliest[each], end[each]) for each in self.partitions}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int], max_records: int
    ) -> AsyncIterator[dict[TopicPartition, list[Any]]]:
        """Batches from the offsets `starts` to before `ends`, and nothing beyond; each partition's in order.

        Raises KafkaError if the log loses its beginning meanwhile.
        """
        pending = {each for each, end in ends.items() if starts[each] < end}
        if not pending:
            return
        self._consumer.assign(sorted(pending))
        for partition in pending:
            self._consumer.seek(partition, starts[partition])
        while pending:
            got = await self._consumer.getmany(*pending, timeout_ms=500, max_records=max_records)
            found = {each: [record for record in batch if record.offset < ends[each]] for each, batch in got.items()}
            yield {each: records for each, records in found.items() if records}
            for partition in list(pending):
                if await self._consumer.position(partition) >= ends[partition]:
                    pending.discard(partition)
                    self._consumer.pause(partition)


@asynccontextmanager
async def open_log(kafka: str, topics: Collection[str], *, headers: bool = True) -> AsyncIterator[Log]:
    """The log of `topics`; without `headers`, its records are Bare.

    Raises Unavailable when Kafka does not answer, or fails while the log is read.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=50,  # the embedded broker answers an empty fetch only after this long
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    try:
        cluster = await cluster_id(kafka)
        await consumer.start()
        if not headers:
            leave_out_headers(consumer)
        partitions = []
        for topic in topics:
            # Its public partitions_for_topic() knows no topic that nobody has written to; this creates it.
            numbers = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001
            partitions += [TopicPartition(topic, number) for number in sorted(numbers)]
        yield Log(consumer, cluster, partitions)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"Kafka at {kafka}: {error!r}") from error
    finally:
        await consumer.stop()
