"""Reading: count vectors summed over partitions, how far each dataset reaches, and indicators' values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from redis.asyncio import Redis

from services.metrics.extents import Extent
from services.metrics.facts import day_of
from services.metrics.layout import CELL_BYTES, Layout
from services.metrics.periods import Cover, Window, cover
from services.metrics.steps import day_suffix, month_suffix
from services.metrics.store import keys
from services.metrics.store.connection import translated
from shared.events import Indicator

Matrix = NDArray[np.int64]
_indicator = msgspec.json.Decoder(Indicator)


class _Part(NamedTuple):
    """What one partition knows of a dataset's extent, as Redis answers it; `position` is lost, at."""

    first: dict[bytes, bytes]
    last: Any
    months: set[bytes]
    coarse: set[bytes]
    position: list[Any]


class Reader:
    """Reads what the projector has counted. `layouts` by topic. Raises Unavailable when Redis does not answer."""

    def __init__(self, redis: Redis, layouts: Mapping[str, Layout | None], fingerprints: Mapping[str, str]) -> None:
        self._redis, self._layouts = redis, layouts
        self._fingerprints = {topic.rpartition(".")[2]: mark for topic, mark in fingerprints.items()}
        self._kinds = {topic.rpartition(".")[2]: each.kind for topic, each in layouts.items() if each}
        self._by_kind = {each.kind: each for each in layouts.values() if each}

    def layout(self, kind: str) -> Layout:
        return self._by_kind[kind]  # type: ignore[index] # the kinds are the layouts' own

    async def _prefixes(self, kind: str) -> list[str]:
        with translated():
            members: set[bytes] = await self._redis.smembers(keys.PARTITIONS)  # type: ignore[assignment]
        names = sorted(name.decode() for name in members)
        topics = [(name, name.rpartition("-")[0]) for name in names]
        return [keys.prefix(n, self._fingerprints[t]) for n, t in topics if self._kinds.get(t, "indicator") == kind]

    async def sums(self, kind: str, dataset: str, windows: Sequence[Window]) -> list[Matrix]:
        """For each window the counts of every area (rows, by index) and measure (columns, by place)."""
        prefixes, covers = await self._prefixes(kind), [cover(window) for window in windows]
        wanted = [[f"{prefix}{suffix}" for prefix in prefixes for suffix in _suffixes(dataset, c)] for c in covers]
        flat = [key for group in wanted for key in group]
        with translated():
            vectors: list[Any] = await self._redis.mget(flat) if flat else []
        found = iter(vectors)
        layout = self.layout(kind)
        return [self._sum([next(found) for _ in group], layout) for group in wanted]

    def _sum(self, vectors: list[bytes | None], layout: Layout) -> Matrix:
        total = np.zeros(layout.rows * len(layout.measures), dtype=np.int64)
        for vector in vectors:
            if vector:
                cells = np.frombuffer(vector, dtype=">i4", count=len(vector) // CELL_BYTES)
                total[: len(cells)] += cells
        return total.reshape(layout.rows, len(layout.measures))

    async def extent(self, kind: str, dataset: str) -> Extent | None:
        """None where the dataset holds nothing of the kind."""
        prefixes = await self._prefixes(kind)
        parts = await self._parts(prefixes, dataset)
        known = [part for part in parts if part.first and part.last is not None]
        if not known:
            return None
        layout = self.layout(kind)
        firsts = [{name.decode(): int(day) for name, day in part.first.items()} for part in known]
        return Extent(
            first=day_of(min(each["data"] for each in firsts)),
            last=day_of(max(int(part.last) for part in known)),
            measured_from=_earliest(firsts, layout),
            months=frozenset(_month(month) for part in known for month in part.months),
            coarse=frozenset(_month(month) for part in known for month in part.coarse),
            lost=sum(int(part.position[0] or 0) for part in parts),
            as_of=max((part.position[1].decode() for part in parts if part.position[1]), default=None),
        )

    async def _parts(self, prefixes: Sequence[str], dataset: str) -> list[_Part]:
        pipeline = self._redis.pipeline(transaction=False)
        for prefix in prefixes:
            pipeline.hgetall(f"{prefix}first:{dataset}")
            pipeline.hget(f"{prefix}last", dataset)
            pipeline.smembers(f"{prefix}months:{dataset}")
            pipeline.smembers(f"{prefix}coarse:{dataset}")
            pipeline.hmget(f"{prefix}position", ["lost", "at"])
        with translated():
            found = await pipeline.execute()
        return [_Part(*found[at : at + 5]) for at in range(0, len(found), 5)]

    async def applied_at(self, kind: str) -> str | None:
        """When a record of the kind was last applied."""
        pipeline = self._redis.pipeline(transaction=False)
        for prefix in await self._prefixes(kind):
            pipeline.hget(f"{prefix}position", "at")
        with translated():
            found: list[Any] = await pipeline.execute()
        return max((at.decode() for at in found if at), default=None)

    async def datasets(self) -> list[str]:
        """Every dataset that holds anything."""
        found: set[str] = set()
        for kind in self._by_kind:
            for prefix in await self._prefixes(kind):
                with translated():
                    names: list[Any] = await self._redis.hkeys(f"{prefix}last")
                found.update(name.decode() for name in names)
        return sorted(found)

    async def indicators(self, dataset: str) -> list[Indicator]:
        """Every posted figure of the dataset, the latest revision of each."""
        found: list[Indicator] = []
        for prefix in await self._prefixes("indicator"):
            with translated():
                texts: list[Any] = await self._redis.hvals(f"{prefix}values:{dataset}")
            found += [_indicator.decode(text) for text in texts]
        return found


def _suffixes(dataset: str, covered: Cover) -> list[str]:
    return [month_suffix(dataset, month) for month in covered.months] + [
        day_suffix(dataset, day) for day in covered.days
    ]


def _earliest(firsts: list[dict[str, int]], layout: Layout) -> dict[str, date]:
    found = {}
    for measure, place in layout.places.items():
        days = [each[str(place)] for each in firsts if str(place) in each]
        if days:
            found[measure] = day_of(min(days))
    return found


def _month(text: bytes) -> date:
    return date(int(text[:4]), int(text[4:]), 1)
