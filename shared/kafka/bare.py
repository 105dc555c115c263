"""Records without their headers, unpacked in less than half of the time: a consumer that counts reads no headers.

Five CloudEvents headers are sixteen objects a record, which aiokafka keeps for as long as its batch. Nothing of its
own leaves them out, so an inner class is replaced, for one consumer. An aiokafka without that class is refused by the
import; tests/unit/shared/test_bare_records.py holds what comes out to aiokafka's own, from the same bytes.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from msgspec import Struct


class Bare(Struct, gc=False):
    """As much of aiokafka's ConsumerRecord as says what is counted, where it stands, and since when (in ms)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def leave_out_headers(consumer: AIOKafkaConsumer) -> None:
    """Have a consumer that was started, and has no partitions yet, answer Bare records."""
    consumer._fetcher._records = _Fetched()  # noqa: SLF001


class _Fetched(OrderedDict[TopicPartition, Any]):
    """What aiokafka has fetched and not yet unpacked."""

    def __setitem__(self, partition: TopicPartition, result: Any) -> None:
        if isinstance(result, FetchResult):
            result._partition_records.__class__ = _BareRecords  # noqa: SLF001
        super().__setitem__(partition, result)


class _BareRecords(PartitionRecords):  # type: ignore[misc] # aiokafka ships no types
    def __iter__(self) -> Iterator[Bare]:
        return self._records_iterator or iter(())

    def _consumer_record(self, partition: TopicPartition, record: Any) -> Bare:
        return Bare(partition.topic, partition.partition, record.offset, record.timestamp, record.key, record.value)
