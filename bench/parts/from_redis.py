"""A table of two datasets from Redis, beside the least that it can cost; then just after a change, and at a start."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from redis.asyncio import Redis

from parts.constructed import Crimes
from parts.lines import json_lines
from parts.projection import projector_of, queries_of, reader_of
from parts.ratios import Pairs
from parts.rollups import RollUps
from parts.stored import Log, revised
from parts.tabled import Asked
from services.metrics.store import connect
from shared import collector
from shared.kafka import Publisher
from shared.reference import reference

WHOLE, TENTH = "bench", "bench-tenth"
ROUNDS = 5
QUERIES = 40
REVISED = 1000
GOAL_MS = 2.0
Stored = Mapping[str, Crimes]
"""What each dataset holds."""


@dataclass
class FromRedis:
    """Seconds of each way to a table, a median of each round."""

    least: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)
    cells: list[float] = field(default_factory=list)
    tenth: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)

    def lines(self, asked: Asked, compared: int) -> Iterable[str]:
        table = f"{len(asked.areas)} areas x {len(asked.measures)} measures x 2 windows"
        least = "an MGET of as many month roll-ups and a numpy sum"
        for name, ours in ((f"query, counts of {table}", self.sums), (f"query, cells of {table}", self.cells)):
            pairs = Pairs([1 / each for each in self.least], [1 / each for each in ours])
            yield pairs.line(name, least, "queries/s")
        sums, cells, least_ms, changed, first = (
            1000 * median(each) for each in (self.sums, self.cells, self.least, self.changed, self.first)
        )
        yield f"  medians: counts {sums:.2f} ms (goal {GOAL_MS:g} ms), cells {cells:.2f} ms, roll-ups {least_ms:.2f} ms"
        yield f"  counts just after a change of {REVISED:,} crimes {changed:.2f} ms, in a new process {first:.0f} ms"
        flat = median(whole / tenth for whole, tenth in zip(self.cells, self.tenth, strict=True))
        yield f"query, ten times the events stored: {flat:.2f} of the time (goal 1)"
        yield f"  {compared:,} cells compared with what was stored: all right"


async def from_redis(kafka: str, redis_url: str, stored: Stored) -> list[str]:
    """The table of each dataset from Redis, beside its cells' roll-ups, in turn."""
    publisher, redis = Publisher(kafka, "bench"), connect(redis_url)
    await publisher.start()
    try:
        log, some = Log(projector_of(redis, publisher)), []
        await log.start()
        for dataset, crimes in stored.items():
            lines = json_lines(crimes, dataset)
            await log.append(lines)
            some = lines[:REVISED]
        return list(await measured(redis, stored, log, some))
    finally:
        await publisher.stop()
        await redis.aclose()


async def measured(redis: Redis, stored: Stored, log: Log, some: list[bytes]) -> Iterable[str]:
    """`some` of the whole's crimes are cancelled and recorded again; all is compared before and after."""
    asked, found = Asked.of(reference()), FromRedis()
    least, reader, queries = await rolled_up(redis, asked, stored[WHOLE]), reader_of(redis), queries_of(redis)
    compared = sum([asked.check(await asked.cells(queries, name), stored[name]) for name in stored])
    collector.settle()
    for number in range(ROUNDS):
        found.least.append(await seconds(least.table))
        found.sums.append(await seconds(lambda: asked.sums(reader, WHOLE)))
        found.cells.append(await seconds(lambda: asked.cells(queries, WHOLE)))
        found.tenth.append(await seconds(lambda: asked.cells(queries, TENTH)))
        for revision in (2 * number + 2, 2 * number + 3):
            await log.append(revised(some, revision))
            found.changed.append(await seconds(lambda: asked.sums(reader, WHOLE), 1))
        found.first.append(await seconds(lambda: asked.sums(reader_of(redis), WHOLE), 1))
    compared += sum([asked.check(await asked.cells(queries, name), stored[name]) for name in stored])
    return found.lines(asked, compared)


async def rolled_up(redis: Redis, asked: Asked, crimes: Crimes) -> RollUps:
    least = RollUps(redis, len(asked.areas), len(asked.measures))
    await least.write(crimes)
    return least


async def seconds(query: Callable[[], Awaitable[object]], queries: int = QUERIES) -> float:
    """The median of some queries, one after the other."""
    times = []
    for _ in range(queries):
        began = perf_counter()
        await query()
        times.append(perf_counter() - began)
    return median(times)
