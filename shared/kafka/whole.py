"""Records that were read without their headers, read again with them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition

from shared.errors import Unavailable
from shared.kafka.bare import Bare
from shared.kafka.replay import open_log

_PATIENCE_SECONDS = 10


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            yield
    except TimeoutError as error:
        raise Unavailable("Kafka does not answer in time with the records that are to be put aside") from error


async def whole(kafka: str, records: Sequence[Any]) -> list[Any]:
    """The records as the log has them, with their headers; those that are gone from it, as they are.

    Raises Unavailable when Kafka does not answer.
    """
    missing = {(TopicPartition(each.topic, each.partition), each.offset) for each in records if isinstance(each, Bare)}
    if not missing:
        return list(records)
    found: dict[tuple[TopicPartition, int], Any] = {}
    async with _in_time(), open_log(kafka, {partition.topic for partition, _ in missing}) as log:
        starts, ends = {}, {}
        for partition, bounds in (await log.bounds()).items():
            offsets = [offset for of, offset in missing if of == partition and bounds.earliest <= offset < bounds.end]
            if offsets:
                starts[partition], ends[partition] = min(offsets), max(offsets) + 1
        async for batches in log.read(starts, ends, max_records=5000):
            for partition, batch in batches.items():
                found |= {(partition, each.offset): each for each in batch if (partition, each.offset) in missing}
    return [found.get((TopicPartition(each.topic, each.partition), each.offset), each) for each in records]
