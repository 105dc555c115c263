"""How near the projector comes to merely reading its log; bench/README.md says what the ratios mean."""

from collections.abc import Iterable
from statistics import median

import uvloop
from parts import memory
from parts.cores import SERVICE, pinned
from parts.drained import drain
from parts.history import History, crimes
from parts.projection import check_counts, project
from parts.ratios import Rates, Wrong, run
from parts.stack import Stack
from redis.asyncio import Redis

from services.metrics.store import connect
from shared.kafka import Publisher

ROUNDS = 4


def benchmark() -> Iterable[str]:
    history = crimes()
    with Stack() as stack:
        kafka, redis = stack.start_broker(), stack.start_redis()
        with pinned(SERVICE):
            yield from uvloop.run(measured(kafka, redis, history))
        stack.check()


async def measured(kafka: str, redis_url: str, history: History) -> list[str]:
    publisher, redis = Publisher(kafka, "bench"), connect(redis_url)
    await publisher.start()
    try:
        await publisher.publish(history.messages)
        lines = await rounds(kafka, redis, publisher, history)
        return [*lines, await state_memory(redis)]
    finally:
        await publisher.stop()
        await redis.aclose()


async def rounds(kafka: str, redis: Redis, publisher: Publisher, history: History) -> list[str]:
    rates, step_events, sizes, compared = Rates(), [], [], 0
    total = len(history.messages)
    for number in range(ROUNDS + 1):
        await redis.flushall()
        before = await memory.used(redis)
        least = await drain(kafka)
        done, steps = await project(kafka, redis, publisher, total)
        if done.done != total:
            raise Wrong(f"{done.done:,} events were applied, the log holds {total:,}")
        compared += await check_counts(redis, history.counts)
        if number:  # the first warms up
            rates.add(least, done)
            step_events.append(total / steps)
            sizes.append((await memory.used(redis) - before) / history.records)
    return [
        *rates.lines("projector", "an aiokafka drain", "events"),
        f"  {median(rates.clock.ours) / median(step_events):.1f} steps/s, {median(step_events):,.0f} events a step",
        f"  Redis: {median(sizes):.0f} bytes a record, day and month counts included ({history.records:,} records)",
        f"  {compared:,} counts compared with the model: all right",
    ]


async def state_memory(redis: Redis) -> str:
    size, density = await memory.bytes_a_record(redis)
    return (
        f"  Redis: {size:.1f} bytes a record's state at {density} records a shard, as {memory.RECORDS:,} records have"
    )


if __name__ == "__main__":
    run(benchmark)
