"""How near the projector comes to merely reading its log, and how far it leaves peers; bench/README.md explains."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

import uvloop
from parts import memory
from parts.cores import SERVICE, pinned
from parts.drained import drain
from parts.history import History, crimes
from parts.peers import DayCounts, check_installed, day_counts, quix
from parts.projection import check_counts, project, queries_of
from parts.ratios import Rates, Wrong, run
from parts.stack import Stack
from parts.watching import seconds_of_an_evaluation
from redis.asyncio import Redis

from services.metrics.store import connect
from shared.kafka import Publisher

ROUNDS = 4
PEER_GOAL = 10.0
DRAIN_GOAL = 0.4
WATCHED_GOAL = 0.91  # a tenth more at most


@dataclass
class Findings:
    """What the rounds have found."""

    drain: Rates = field(default_factory=Rates)
    windows: Rates = field(default_factory=Rates)
    bare: Rates = field(default_factory=Rates)
    watched: Rates = field(default_factory=Rates)
    evaluations: list[float] = field(default_factory=list)
    step_events: list[float] = field(default_factory=list)
    record_bytes: list[float] = field(default_factory=list)
    compared: int = 0

    def lines(self, history: History) -> Iterable[str]:
        steps = median(self.drain.clock.ours) / median(self.step_events)
        yield from self.drain.lines("projector", "an aiokafka drain", "events", DRAIN_GOAL)
        yield from self.windows.lines("projector", "Quix Streams' windowed count", "events", PEER_GOAL)
        yield from self.bare.lines("projector", "Quix Streams counting in a dictionary", "events")
        yield from self.watched.lines("projector beside alert rules", "the projector alone", "events", WATCHED_GOAL)
        yield f"  {1000 * median(self.evaluations):.1f} ms an evaluation of all rules, one of them for every borough"
        yield f"  {steps:.1f} steps/s, {median(self.step_events):,.0f} events a step"
        yield (
            f"  Redis: {median(self.record_bytes):.0f} bytes a record, counts included ({history.records:,} records)"
        )
        yield f"  {self.compared:,} counts compared with the model, and every day's count of the peers: all right"


def benchmark() -> Iterable[str]:
    check_installed()
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
        findings, by_day = Findings(), day_counts(history.messages)
        for number in range(ROUNDS + 1):
            found = Findings() if number == 0 else findings  # the first warms up
            await round_of(found, kafka, redis, publisher, history, by_day)
        return [*findings.lines(history), await state_memory(redis)]
    finally:
        await publisher.stop()
        await redis.aclose()


async def round_of(
    found: Findings, kafka: str, redis: Redis, publisher: Publisher, history: History, by_day: DayCounts
) -> None:
    total = len(history.messages)
    await redis.flushall()
    before = await memory.used(redis)
    least = await drain(kafka)
    done, steps = await project(kafka, redis, publisher, total)
    if done.done != total:
        raise Wrong(f"{done.done:,} events were applied, the log holds {total:,}")
    found.compared += await check_counts(redis, history.counts)
    found.drain.add(least, done)
    await redis.flushall()
    watched, _ = await project(kafka, redis, publisher, total, watched=True)
    found.watched.add(done, watched)
    found.compared += await check_counts(redis, history.counts)
    found.evaluations.append(await seconds_of_an_evaluation(redis, queries_of(redis)))
    # Nothing else of this process waits to be run meanwhile.
    found.windows.add(quix(kafka, by_day, "windows"), done)
    found.bare.add(quix(kafka, by_day, "bare"), done)
    found.step_events.append(total / steps)
    found.record_bytes.append((await memory.used(redis) - before) / history.records)


async def state_memory(redis: Redis) -> str:
    size, density = await memory.bytes_a_record(redis)
    return (
        f"  Redis: {size:.1f} bytes a record's state at {density} records a shard, as {memory.RECORDS:,} records have"
    )


if __name__ == "__main__":
    run(benchmark)
