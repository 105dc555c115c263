"""Following the logs of facts: what has been appended since they were last read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis

from services.metrics.store import keys
from services.metrics.store.connection import translated

_MOST_BYTES = 16 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


@dataclass
class Tail:
    """How far a partition's logs have been read; `lengths` in bytes by suffix."""

    version: bytes = b""
    lost: int = 0
    at: str | None = None
    lengths: dict[str, int] = field(default_factory=dict)


class Appended(NamedTuple):
    """Bytes that were appended to the log of `suffix` in the partition of that name."""

    partition: str
    suffix: str
    rows: bytes


class Tails:
    """Follows every partition of the generation that is served. `restarted` is called when that is another one."""

    def __init__(self, redis: Redis, restarted: Callable[[], None]) -> None:
        self._redis, self._restarted = redis, restarted
        script = files("services.metrics.store") / "scripts" / "read_tails.lua"
        self._read_tails = redis.register_script(script.read_text())
        self.generation = ""
        self.partitions: dict[str, Tail] = {}
        self._names: list[str] = []

    async def read(self, take: Callable[[Appended], None]) -> bool:
        """Hand everything new to `take`; answers whether anything had changed. One round trip where nothing has."""
        with translated():
            changed = await self._changed()
            for name in changed:
                more = True
                while more:
                    more = await self._read(name, take)
        return bool(changed)

    async def _changed(self) -> list[str]:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.get(keys.GENERATION)
        pipeline.smembers(keys.PARTITIONS)
        if self._names:
            pipeline.mget([f"{keys.prefix(name, self.generation)}version" for name in self._names])
        stored, members, *versions = await pipeline.execute()
        names = sorted(member.decode() for member in members)
        generation = keys.served(stored)
        if generation != self.generation or names != self._names:
            if generation != self.generation:
                self.partitions = {}
                self._restarted()
            self.generation, self._names = generation, names
            return names
        found = zip(names, versions[0] if versions else [], strict=True)
        return [name for name, version in found if (version or b"") != self.tail(name).version]

    def tail(self, name: str) -> Tail:
        return self.partitions.setdefault(name, Tail())

    async def _read(self, name: str, take: Callable[[Appended], None]) -> bool:
        tail = self.tail(name)
        args: list[bytes | int] = [_encode(tail.lengths), _MOST_BYTES]
        version, lost, at, more, *appended = await self._read_tails(
            keys=[keys.prefix(name, self.generation)], args=args
        )
        for suffix, rows in zip(appended[::2], appended[1::2], strict=True):
            ending = suffix.decode()
            take(Appended(name, ending, rows))
            tail.lengths[ending] = tail.lengths.get(ending, 0) + len(rows)
        tail.version, tail.lost, tail.at = version, int(lost or 0), at.decode() or None
        return bool(more)
