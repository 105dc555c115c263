"""Generations of counts: what stands in one, putting another in its place, and clearing away those not served."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from secrets import token_hex
from typing import Any

import numpy as np
from aiokafka import TopicPartition
from redis.asyncio import Redis
from redis.exceptions import WatchError

from services.metrics.rows import ROW, Array
from services.metrics.states import SHARDS
from services.metrics.store import keys
from services.metrics.store.connection import translated
from services.metrics.store.projection import Position
from shared.errors import Conflict

_HELD_SECONDS = 30
_SWEPT_AT_ONCE = 1000


@dataclass(frozen=True)
class Standing:
    """What a partition holds.

    Where it stands, in which cluster its counts began, how many records the log had lost, the length of each log of
    facts by its suffix, and the suffixes of the indicators' texts.
    """

    position: Position | None = None
    since: str | None = None
    lost: int = 0
    lengths: Mapping[str, int] = field(default_factory=dict)
    kept: Sequence[str] = ()


class Generations:
    """Raises Unavailable when Redis does not answer, and Conflict where another rebuild is under way."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self._name = redis, token_hex(8)
        scripts = files("services.metrics.store") / "scripts"
        self._count_records = redis.register_script((scripts / "count_records.lua").read_text())

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Keep other rebuilds away; only one that has died lets go by itself, half a minute later."""
        with translated():
            if not await self._redis.set(keys.REBUILDING, self._name, nx=True, ex=_HELD_SECONDS):
                raise Conflict("another rebuild is under way, or died less than half a minute ago: wait for its end")
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._let_go()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_HELD_SECONDS / 3)
            # Should it fail until the time is up, nothing is put in place: `serve` asks who holds it.
            with suppress(Exception), translated():
                if await self._redis.get(keys.REBUILDING) == self._name.encode():
                    await self._redis.expire(keys.REBUILDING, _HELD_SECONDS)

    async def _let_go(self) -> None:
        with translated():
            if await self._redis.get(keys.REBUILDING) == self._name.encode():
                await self._redis.delete(keys.REBUILDING)

    async def served(self) -> str:
        with translated():
            stored: Any = await self._redis.get(keys.GENERATION)
        return keys.served(stored)

    async def standing(self, generation: str, partition: TopicPartition) -> Standing:
        """What a partition holds, of one moment."""
        prefix = _prefix(partition, generation)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.hmget(f"{prefix}position", ["cluster", "next", "moves", "since", "lost"])
        pipeline.hgetall(f"{prefix}lengths")
        pipeline.smembers(f"{prefix}kept")
        with translated():
            (cluster, following, moves, since, lost), lengths, kept = await pipeline.execute()
        return Standing(
            Position(cluster.decode(), int(following), int(moves)) if cluster and following else None,
            since.decode() if since else None,
            int(lost or 0),
            {suffix.decode(): int(length) for suffix, length in lengths.items()},
            sorted(suffix.decode() for suffix in kept),
        )

    async def records(self, generation: str, partition: TopicPartition) -> int:
        """How many different records have ever been counted in the partition."""
        with translated():
            found = await self._count_records(keys=[_prefix(partition, generation)], args=[SHARDS >> 8, 256])
        return int(found)

    async def rows(self, generation: str, partition: TopicPartition, suffix: str, length: int) -> Array:
        """The first `length` bytes of a log of facts, as rows."""
        if not length:
            return np.empty(0, ROW)  # to Redis, up to byte -1 is all of it
        with translated():
            found: Any = await self._redis.getrange(f"{_prefix(partition, generation)}{suffix}", 0, length - 1)
        return np.frombuffer(found, ROW)

    async def texts(self, generation: str, partition: TopicPartition, suffix: str) -> dict[bytes, bytes]:
        """Indicators' texts by their field."""
        with translated():
            found: Any = await self._redis.hgetall(f"{_prefix(partition, generation)}{suffix}")
        return dict(found)

    async def add_lost(self, generation: str, partition: TopicPartition, records: int) -> None:
        """Have the partition's results say `incomplete`: so many records were counted once and are gone."""
        with translated():
            await self._redis.hincrby(f"{_prefix(partition, generation)}position", "lost", records)

    async def serve(self, old: str, new: str, seen: Mapping[TopicPartition, Position | None] | None) -> bool:
        """Put `new` in the place of `old`, in one transaction with the fences; False if `old` was moved on meanwhile.

        `seen`: where every partition of `old` must still stand; None if it does not matter.

        The race: a projector has read a position or states of `old`, and writes after the swap. That write would be
        lost, for `new` never sees it, and the projector would believe that it was counted. So every position of
        `old` is taken away in the same transaction. A commit then finds another position than its own and is refused,
        and so is a first move, for `moves` is not the '' that it believes. The projector's session restarts, reads
        which generation is served, and goes on from there: what it had just counted into `old` lies after the
        position of `new` in the log, and is read again. `lost` and `at` stay for readers that are half way.
        """
        partitions = await self._partitions(old, seen or {})
        with translated():
            async with self._redis.pipeline(transaction=True) as pipeline:
                await pipeline.watch(keys.REBUILDING, keys.GENERATION, *(partitions if seen is not None else ()))
                if await pipeline.get(keys.REBUILDING) != self._name.encode():
                    raise Conflict("another rebuild has taken over; nothing was put in place")
                for partition, position in (seen or {}).items():
                    if (await self.standing(old, partition)).position != position:
                        return False
                pipeline.multi()  # type: ignore[no-untyped-call] # it has no types
                pipeline.set(keys.GENERATION, new)
                for key in partitions:
                    pipeline.hdel(key, "cluster", "next")
                    pipeline.hset(key, "moves", keys.SUPERSEDED)
                try:
                    await pipeline.execute()
                except WatchError:
                    return False
        return True

    async def _partitions(self, generation: str, also: Iterable[TopicPartition]) -> list[str]:
        """The position keys of all partitions that may be written to."""
        with translated():
            members: Any = await self._redis.smembers(keys.PARTITIONS)
        names = {member.decode() for member in members}
        names |= {keys.partition_name(each.topic, each.partition) for each in also}
        return [f"{keys.prefix(name, generation)}position" for name in sorted(names)]

    async def sweep(self, served: str) -> str:
        """Clear away every generation but the one that is served; answers the name for the next one.

        That name was not in use: whoever still writes into an interrupted rebuild's writes elsewhere.
        """
        latest = served
        async for batch in self._scan(keys.of_every_partition()):
            others = [key for key in batch if keys.generation_of(key) != served]
            latest = max([latest, *map(keys.generation_of, others)], key=_number)
            await self._unlink(others)
        return keys.following(latest)

    async def clear(self, generation: str) -> None:
        """Clear away what a generation held. Its fences stay until the next rebuild, for a projector that is late."""
        async for batch in self._scan(keys.of_every_partition(generation)):
            await self._unlink([key for key in batch if not key.endswith(b":position")])

    async def discard(self, generation: str) -> None:
        """Clear away all of a generation that was never served."""
        async for batch in self._scan(keys.of_every_partition(generation)):
            await self._unlink(batch)

    async def _scan(self, pattern: str) -> AsyncIterator[list[bytes]]:
        cursor = 0
        while True:
            with translated():
                found: Any
                cursor, found = await self._redis.scan(cursor, match=pattern, count=_SWEPT_AT_ONCE)
            yield found
            if not cursor:
                return

    async def _unlink(self, found: Sequence[bytes]) -> None:
        if found:
            pipeline = self._redis.pipeline(transaction=False)
            for key in found:
                pipeline.unlink(key)
            with translated():
                await pipeline.execute()


def _prefix(partition: TopicPartition, generation: str) -> str:
    return keys.prefix(keys.partition_name(partition.topic, partition.partition), generation)


def _number(generation: str) -> int:
    return int(generation.rpartition("-")[2])
