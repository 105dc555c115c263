"""What a table costs, from Redis and over HTTP, however much is stored; bench/README.md explains."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import httpx
import numpy as np
import uvloop
from parts.asks import Asker
from parts.constructed import Crimes, construct
from parts.cores import SERVICE, pinned
from parts.lines import json_lines
from parts.load import Outcome
from parts.projection import projector_of, queries_of, reader_of
from parts.published import END, PATH, check_published, published_table
from parts.ratios import Pairs, Rates, Wrong, run
from parts.rollups import RollUps
from parts.stack import Server, Stack
from parts.stored import Log
from parts.tabled import Asked, check_priorities
from redis.asyncio import Redis

from local.simulate.mixes import areas
from services.metrics.store import connect
from shared import collector
from shared.kafka import Publisher
from shared.reference import reference

WHOLE, TENTH = "bench", "bench-tenth"
PRIORITIES = "/v1/tables/local-priorities?quarter=2017-18-Q1"
ROUNDS = 5
QUERIES = 40
GOAL_MS = 2.0
CLIENTS = 50
SECONDS = 2.0
PAUSE_SECONDS = 0.25
GOAL_P99_MS = 10.0
Stored = Mapping[str, Crimes]
"""What each dataset holds."""
Answers = Mapping[str, bytes]
"""By path and query."""


def benchmark() -> Iterable[str]:
    crimes = construct(published_table(), areas(reference()))
    tenth = crimes.chosen(np.random.default_rng(3).random(len(crimes)) < 0.1)
    stored = {TENTH: tenth, WHOLE: crimes}
    with Stack() as stack:
        kafka, redis = stack.start_broker(), stack.start_redis()
        with pinned(SERVICE):
            uvloop.run(store(kafka, redis, stored))
            yield from uvloop.run(from_redis(redis, stored))
        metrics = stack.start_metrics(kafka, redis)
        answers = {dataset: known_answers(metrics, dataset, stored[dataset]) for dataset in stored}
        bare = stack.start_bare({path: body for each in answers.values() for path, body in each.items()})
        yield from over_http(bare, metrics, answers)
        stack.check()


async def store(kafka: str, redis_url: str, stored: Stored) -> None:
    publisher, redis = Publisher(kafka, "bench"), connect(redis_url)
    await publisher.start()
    try:
        log = Log(projector_of(redis, publisher))
        await log.start()
        for dataset, crimes in stored.items():
            await log.append(json_lines(crimes, dataset))
    finally:
        await publisher.stop()
        await redis.aclose()


@dataclass
class FromRedis:
    """Seconds of each way to a table, a median of each round."""

    least: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)
    cells: list[float] = field(default_factory=list)
    tenth: list[float] = field(default_factory=list)

    def lines(self, asked: Asked, compared: int) -> Iterable[str]:
        table = f"{len(asked.areas)} areas x {len(asked.measures)} measures x 2 windows"
        least = "an MGET of as many month roll-ups and a numpy sum"
        for name, ours in ((f"query, counts of {table}", self.sums), (f"query, cells of {table}", self.cells)):
            pairs = Pairs([1 / each for each in self.least], [1 / each for each in ours])
            yield pairs.line(name, least, "queries/s")
        sums, cells, least_ms = (1000 * median(each) for each in (self.sums, self.cells, self.least))
        yield f"  medians: counts {sums:.2f} ms, cells {cells:.2f} ms (goal {GOAL_MS:g} ms), roll-ups {least_ms:.2f} ms"
        flat = median(whole / tenth for whole, tenth in zip(self.cells, self.tenth, strict=True))
        yield f"query, ten times the events stored: {flat:.2f} of the time (goal 1)"
        yield f"  {compared:,} cells compared with what was stored: all right"


async def from_redis(redis_url: str, stored: Stored) -> list[str]:
    """The table of each dataset from Redis, beside its cells' roll-ups, in turn."""
    redis, asked, found = connect(redis_url), Asked.of(reference()), FromRedis()
    try:
        least, reader, queries = await rolled_up(redis, asked, stored[WHOLE]), reader_of(redis), queries_of(redis)
        compared = sum([asked.check(await asked.cells(queries, name), stored[name]) for name in stored])
        collector.settle()
        for _ in range(ROUNDS):
            found.least.append(await seconds(least.table))
            found.sums.append(await seconds(lambda: asked.sums(reader, WHOLE)))
            found.cells.append(await seconds(lambda: asked.cells(queries, WHOLE)))
            found.tenth.append(await seconds(lambda: asked.cells(queries, TENTH)))
        compared += sum([asked.check(await asked.cells(queries, name), stored[name]) for name in stored])
        return list(found.lines(asked, compared))
    finally:
        await redis.aclose()


async def rolled_up(redis: Redis, asked: Asked, crimes: Crimes) -> RollUps:
    least = RollUps(redis, len(asked.areas), len(asked.measures))
    await least.write(crimes)
    return least


async def seconds(query: Callable[[], Awaitable[object]]) -> float:
    """The median of some queries, one after the other."""
    times = []
    for _ in range(QUERIES):
        began = perf_counter()
        await query()
        times.append(perf_counter() - began)
    return median(times)


def known_answers(metrics: Server, dataset: str, crimes: Crimes) -> Answers:
    """What metrics answers to each path, once it has been compared with what was stored; raises Wrong."""
    paths = [f"{PATH}?end={END}&dataset={dataset}", f"{PRIORITIES}&dataset={dataset}"]
    found = {path: httpx.get(f"{metrics.url}{path}", timeout=60, trust_env=False) for path in paths}
    for path, answer in found.items():
        if answer.status_code != 200:
            raise Wrong(f"{path} is answered {answer.status_code}: {answer.text[:500]}")
    plan, priorities = found.values()
    if dataset == WHOLE:
        check_published(plan.json())
    if not check_priorities(priorities.json(), crimes, reference()):
        raise Wrong(f"{dataset}: no borough's priority could be compared")
    return {path: answer.content for path, answer in found.items()}


def over_http(bare: Server, metrics: Server, answers: Mapping[str, Answers]) -> Iterable[str]:
    """The same bytes from both, to clients that ask at once again, and to clients that pause."""
    least, whole = Asker(bare, answers[WHOLE], CLIENTS), Asker(metrics, answers[WHOLE], CLIENTS)
    tenth = Asker(metrics, answers[TENTH], CLIENTS)
    rates, flat, tails, paced, bytes_each = Rates(), Pairs(), Tails(), Tails(), sum(map(len, answers[WHOLE].values()))
    for asker in (least, whole, tenth):
        asker.ask(SECONDS / 4)
    for _ in range(ROUNDS):
        (bare_rate, bare_times), (rate, times), (tenth_rate, _) = (each.ask(SECONDS) for each in (least, whole, tenth))
        rates.add(bare_rate, rate)
        flat.add(tenth_rate.rate, rate.rate)
        tails.add(bare_times, times)
        paced.add(least.ask(SECONDS, PAUSE_SECONDS)[1], whole.ask(SECONDS, PAUSE_SECONDS)[1])
    yield from rates.lines("query over HTTP", "a bare Starlette answer of the same bytes", "requests")
    yield tails.line(f"{CLIENTS} clients that ask again at once")
    yield paced.line(f"{CLIENTS} clients that pause for {PAUSE_SECONDS:g} s", GOAL_P99_MS)
    yield flat.line("query over HTTP, ten times the events stored", "the rate", "requests/s", 1.0)
    yield f"  every answer was the right one to the byte ({bytes_each / len(answers[WHOLE]):,.0f} bytes)"


@dataclass
class Tails:
    """Medians and 99th percentiles, in milliseconds."""

    limit: list[Outcome] = field(default_factory=list)
    ours: list[Outcome] = field(default_factory=list)

    def add(self, limit: Outcome, ours: Outcome) -> None:
        self.limit.append(limit)
        self.ours.append(ours)

    def line(self, who: str, goal_ms: float | None = None) -> str:
        p50, p99 = (median(getattr(each, name) for each in self.ours) for name in ("p50_ms", "p99_ms"))
        bare50, bare99 = (median(getattr(each, name) for each in self.limit) for name in ("p50_ms", "p99_ms"))
        ratio = median(ours.p99_ms / limit.p99_ms for ours, limit in zip(self.ours, self.limit, strict=True))
        wanted = f" (goal of the 99th {goal_ms:g} ms)" if goal_ms else ""
        return (
            f"  {who}: 99th percentile {ratio:.2f} times the bare one's"
            f"  [median {p50:.1f} and 99th {p99:.1f} ms{wanted}; bare {bare50:.1f} and {bare99:.1f} ms]"
        )


if __name__ == "__main__":
    run(benchmark)
