"""The least that consuming can cost: aiokafka fetching and unpacking the same log, and doing nothing with it."""

import gc
from collections.abc import Mapping
from time import perf_counter, process_time

from aiokafka import AIOKafkaConsumer, TopicPartition

from parts.history import PARTITIONS
from parts.ratios import Figure, Wrong
from shared.events import topics

PASSES = 3


async def drain(kafka: str) -> Figure:
    """Read what is kept of the crimes' log `PASSES` times from its beginning, the garbage collector off."""
    places = [TopicPartition(topics.CRIMES, number) for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    await consumer.start()
    consumer.assign(places)
    gc.collect()
    gc.disable()
    try:
        return await _passes(consumer, await consumer.beginning_offsets(places), await consumer.end_offsets(places))
    finally:
        gc.enable()
        await consumer.stop()


Offsets = Mapping[TopicPartition, int]


async def _passes(consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets) -> Figure:
    total = sum(ends.values()) - sum(starts.values())
    began, processor_began = perf_counter(), process_time()
    for _ in range(PASSES):
        for place, start in starts.items():
            consumer.seek(place, start)
        missing = total
        while missing > 0:
            batches = await consumer.getmany(timeout_ms=500, max_records=5000)
            if not batches:
                raise Wrong(f"{missing:,} of {total:,} events cannot be read")
            missing -= sum(map(len, batches.values()))
    return Figure(total * PASSES, perf_counter() - began, process_time() - processor_began)
