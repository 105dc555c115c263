"""Reading: counts by area and column, how far each dataset reaches, and indicators' values.

The counts are kept in this process and brought up to what Redis holds before each answer.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

import msgspec
import numpy as np
from redis.asyncio import Redis

from services.metrics.cubes import Cube
from services.metrics.extents import Extent
from services.metrics.layout import Layout
from services.metrics.periods import Window
from services.metrics.rows import ROW, Array, day_of
from services.metrics.store import keys
from services.metrics.store.connection import translated
from services.metrics.store.provenance import Applied, Source
from services.metrics.store.tails import Appended, Tail, Tails
from shared.events import Indicator
from shared.events.periods import parse_period

Matrix = Array
_Found = TypeVar("_Found")
_indicator = msgspec.json.Decoder(Indicator)
_INDICATOR = "indicator"
_COUNTED_AT_ONCE = 4 * 1024 * 1024
"""Bytes of facts; about a tenth of a second's work, for which nobody else is served."""


class Reader:
    """Answers from what the projector has counted. `layouts` by topic.

    Raises Unavailable when Redis does not answer.
    """

    def __init__(self, redis: Redis, layouts: Mapping[str, Layout | None]) -> None:
        self._redis = redis
        self._by_kind = {each.kind: each for each in layouts.values() if each}
        self._kinds = {topic.rpartition(".")[2]: each.kind if each else _INDICATOR for topic, each in layouts.items()}
        self._topics = {topic.rpartition(".")[2]: topic for topic in layouts}
        self._tails = Tails(redis, self._restart)
        self._cubes: dict[tuple[str, str], Cube] = {}
        self._logs: dict[tuple[str, str, date], set[tuple[str, str]]] = defaultdict(set)
        self._indicators: dict[str, list[Indicator]] | None = None
        self._indicators_of: dict[str, bytes] = {}
        self._next: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()
        self._changes = self._restarts = 0
        self._taken: dict[tuple[str, str, date], list[bytes]] = defaultdict(list)
        self._taken_bytes = 0

    def layout(self, kind: str) -> Layout:
        return self._by_kind[kind]  # type: ignore[index] # the kinds are the layouts' own

    def _restart(self) -> None:
        self._restarts += 1
        self._cubes.clear()
        self._logs.clear()
        self._taken.clear()
        self._indicators = None

    async def refresh(self) -> None:
        """Bring the counts up to what Redis holds now. Those who ask before it has begun are served together."""
        if self._next is None:
            self._next = asyncio.create_task(self._refresh())
        await asyncio.shield(self._next)

    async def _refresh(self) -> None:
        async with self._reading:
            self._next = None
            changed = True
            try:
                changed = await self._tails.read(self._take)
            finally:  # what has been read before a fault will not be read again
                self._count()
                if changed:
                    self._changes += 1

    async def stamp(self, kind: str, dataset: str, measures: Collection[str]) -> Hashable:
        """Another whenever a count of these measures of that kind, or how far the dataset reaches, has changed."""
        await self.refresh()
        cube = self._cubes.get((kind, dataset))
        lost = sum(tail.lost for tail in self._tails_of(kind).values())
        return self._restarts, lost, cube.stamp(measures) if cube else None

    async def posted_stamp(self) -> Hashable:
        """Another whenever a figure has been posted."""
        await self.refresh()
        versions = {name: tail.version for name, tail in self._tails_of(_INDICATOR).items()}
        return self._restarts, tuple(sorted(versions.items()))

    async def version(self) -> int:
        """A number that is another whenever anything has changed since this process began."""
        await self.refresh()
        return self._changes

    def _take(self, appended: Appended) -> None:
        stream, month = keys.month_of_facts(appended.suffix)
        kind = self._kinds[appended.partition.rpartition("-")[0]]
        dataset = stream.partition("/")[2]
        self._logs[kind, dataset, month].add((appended.partition, appended.suffix))
        self._taken[kind, dataset, month].append(appended.rows)
        self._taken_bytes += len(appended.rows)
        if self._taken_bytes >= _COUNTED_AT_ONCE:
            self._count()

    def _count(self) -> None:
        """Count what has been taken, a month's rows of all partitions at once."""
        for (kind, dataset, month), rows in self._taken.items():
            cube = self._cubes.get((kind, dataset))
            if cube is None:
                cube = self._cubes[kind, dataset] = Cube(self.layout(kind))
            cube.add(month, np.frombuffer(b"".join(rows), ROW))
        self._taken.clear()
        self._taken_bytes = 0

    async def sums(self, kind: str, dataset: str, windows: Sequence[Window]) -> list[Matrix]:
        """For each window the counts of every area (rows, by index) and column of the kind's layout."""
        while (found := await self._sums(kind, dataset, windows)) is None:
            continue
        return found

    async def _sums(self, kind: str, dataset: str, windows: Sequence[Window]) -> list[Matrix] | None:
        """None where other counts have taken the place of those that were being summed."""
        await self.refresh()
        cube = self._cubes.get((kind, dataset))
        if cube is None:
            layout = self.layout(kind)
            return [np.zeros((layout.rows, layout.width), np.int64) for _ in windows]
        # Whole months first, and without a pause: what others say may decide which of them are told, so that none may
        # have records that another has not.
        found = {window: cube.sum(window) for window in windows if not cube.months_without_days(window)}
        for window in windows:
            if window not in found:
                if cube.months_without_days(window) and not await self._keep_days(kind, dataset, cube, window):
                    return None
                found[window] = cube.sum(window)
        return [found[window] for window in windows]

    async def _keep_days(self, kind: str, dataset: str, cube: Cube, window: Window) -> bool:
        async with self._reading:  # or what is appended meanwhile would be missing by day
            if self._cubes.get((kind, dataset)) is not cube:
                return False
            for month in cube.months_without_days(window):
                rows = await self._rows(kind, dataset, month)
                if rows is None:
                    self._tails.forget()
                    return False
                cube.keep_days(month, rows)
        return True

    async def _rows(self, kind: str, dataset: str, month: date) -> Array | None:
        """All of a month's rows, as far as they have been counted here; None if Redis holds fewer now."""
        pipeline, counted = self._redis.pipeline(transaction=False), 0
        for name, suffix in sorted(self._logs[kind, dataset, month]):
            length = self._tails.tail(name).lengths[suffix]
            pipeline.getrange(f"{keys.prefix(name, self._tails.generation)}{suffix}", 0, length - 1)
            counted += length
        with translated():
            found = b"".join(await pipeline.execute())
        return np.frombuffer(found, ROW) if len(found) == counted else None

    async def _of_served(self, read: Callable[[], Awaitable[_Found]]) -> _Found:
        """What `read` finds; read again where another generation took the place of the one that it read."""
        while True:
            await self.refresh()
            async with self._reading:
                found = await read()
                if await self._tails.is_served():
                    return found

    async def extent(self, kind: str, dataset: str) -> Extent | None:
        """None where the dataset holds nothing of the kind."""
        await self.refresh()
        cube = self._cubes.get((kind, dataset))
        if cube is None:
            return None
        return cube.extent(lost=sum(tail.lost for tail in self._tails_of(kind).values()), as_of=self._as_of(kind))

    def _tails_of(self, kind: str) -> dict[str, Tail]:
        """By partition."""
        found = self._tails.partitions.items()
        return {name: tail for name, tail in found if self._kinds.get(name.rpartition("-")[0]) == kind}

    def _as_of(self, kind: str) -> str | None:
        return max((tail.at for tail in self._tails_of(kind).values() if tail.at), default=None)

    async def applied_at(self, kind: str) -> str | None:
        """When a record of the kind was last applied."""
        await self.refresh()
        return self._as_of(kind)

    async def datasets(self) -> list[str]:
        """Every dataset that holds anything that is counted."""
        await self.refresh()
        return sorted({dataset for (_, dataset), cube in self._cubes.items() if cube.holds_any})

    async def indicators(self, dataset: str) -> list[Indicator]:
        """Every posted figure of the dataset, the latest revision of each."""
        await self.refresh()
        versions = {name: tail.version for name, tail in self._tails_of(_INDICATOR).items()}
        if versions != self._indicators_of:  # what is counted meanwhile changes none of them
            self._indicators_of, self._indicators = versions, None
        while self._indicators is None:
            self._indicators = await self._of_served(self._read_indicators)
        return self._indicators.get(dataset, [])

    async def _read_indicators(self) -> dict[str, list[Indicator]]:
        found: dict[str, list[Indicator]] = defaultdict(list)
        async for stream, texts in self._posted():
            found[stream.partition("/")[2]] += [_indicator.decode(text) for text in texts]
        return dict(found)

    async def _posted(self) -> AsyncIterator[tuple[str, list[bytes]]]:
        """The texts of posted figures, by stream, a partition at a time."""
        for prefix in self._prefixes(_INDICATOR):
            with translated():
                suffixes: Any = await self._redis.smembers(f"{prefix}kept")
                for suffix in sorted(each.decode() for each in suffixes):
                    texts: Any = await self._redis.hvals(f"{prefix}{suffix}")
                    yield suffix.partition(":")[2], texts

    def _prefixes(self, kind: str) -> list[str]:
        return [keys.prefix(name, self._tails.generation) for name in self._tails_of(kind)]

    async def positions(self, kinds: Collection[str]) -> list[Applied]:
        """Up to where each partition that holds records of these kinds has been counted."""
        return await self._of_served(partial(self._positions, kinds))

    async def _positions(self, kinds: Collection[str]) -> list[Applied]:
        names = [name for kind in dict.fromkeys(kinds) for name in sorted(self._tails_of(kind))]
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            pipeline.hmget(f"{keys.prefix(name, self._tails.generation)}position", ["cluster", "next"])
        with translated():
            found = await pipeline.execute()
        return [self._applied(name, *each) for name, each in zip(names, found, strict=True) if all(each)]

    def _applied(self, name: str, cluster: bytes, following: bytes) -> Applied:
        topic, _, partition = name.rpartition("-")
        return Applied(self._topics[topic], int(partition), cluster.decode(), int(following))

    async def sources(self, kind: str) -> list[Source]:
        """Every source of records of the kind, by dataset; of posted figures the last day is that of their periods."""
        return await self._of_served(self._posters if kind == _INDICATOR else partial(self._sources, kind))

    async def _posters(self) -> list[Source]:
        found: dict[str, list[date]] = defaultdict(list)
        async for stream, texts in self._posted():
            found[stream] += [parse_period(_indicator.decode(text).period)[1] for text in texts]
        at = self._as_of(_INDICATOR)
        streams = ((*stream.partition("/")[::2], days) for stream, days in sorted(found.items()))
        return [Source(source, dataset, len(days), max(days), at, []) for source, dataset, days in streams if days]

    async def _sources(self, kind: str) -> list[Source]:
        suffixes = {suffix for tail in self._tails_of(kind).values() for suffix in tail.lengths}
        streams = {keys.month_of_facts(suffix)[0] for suffix in suffixes}
        return [await self._source(kind, stream) for stream in sorted(streams)]

    async def _source(self, kind: str, stream: str) -> Source:
        pipeline = self._redis.pipeline(transaction=False)
        for prefix in self._prefixes(kind):
            pipeline.hgetall(f"{prefix}arrivals:{stream}")
        with translated():
            found: list[dict[bytes, bytes]] = [each for each in await pipeline.execute() if each]
        source, _, dataset = stream.partition("/")
        last = max((int(each.get(b"last_day", 0)) for each in found), default=0)
        late = sorted({name for each in found for name in each if name.startswith(b"late:")})
        return Source(
            source,
            dataset,
            sum(int(each[b"records"]) for each in found),
            day_of(last) if last else None,
            max((each[b"at"].decode() for each in found), default=None),
            [sum(int(each.get(name, 0)) for each in found) for name in late],
        )
