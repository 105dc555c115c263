"""Following the logs of facts: what has been appended since they were last read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from redis.asyncio import Redis

from services.metrics.store import keys
from services.metrics.store.connection import translated

_MOST_BYTES = 4 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


@dataclass
class Tail:
    """How far a partition's logs have been read; `lengths` in bytes by suffix.

    `memory` names what the logs are kept in: where Redis lost any of it and it was written anew, it is another.
    `version` names what was written last, and never comes again.
    """

    version: bytes = b""
    memory: bytes = b""
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
        """Hand everything new to `take`; answers whether anything had changed. One round trip where nothing has.

        What was read while its generation was replaced, or while Redis lost its memory, is read again as it is now.
        """
        with translated():
            names = await self._changed()
            changed = bool(names)
            while names:
                whole = [await self._follow(name, take) for name in names]
                if not all(whole):
                    self.forget()
                names = [] if all(whole) and await self.is_served() else await self._changed()
        return changed

    async def is_served(self) -> bool:
        """Whether the generation that has been followed is still the one that is served."""
        with translated():
            stored: Any = await self._redis.get(keys.GENERATION)
        return keys.served(stored) == self.generation

    def forget(self) -> None:
        """Know nothing, and read everything anew the next time."""
        self.partitions, self._names, self.generation = {}, [], ""
        self._restarted()

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
            if generation != self.generation or not set(names).issuperset(self._names):
                self.forget()
            self.generation, self._names = generation, names
            return names
        found = zip(names, versions[0] if versions else [], strict=True)
        return [name for name, version in found if (version or b"") != self.tail(name).version]

    def tail(self, name: str) -> Tail:
        return self.partitions.setdefault(name, Tail())

    async def _follow(self, name: str, take: Callable[[Appended], None]) -> bool:
        """Read a partition's logs to their ends; False if they are not the ones that have been read so far."""
        tail, more = self.tail(name), True
        while more:
            args: list[str | bytes | int] = [_encode(tail.lengths), _MOST_BYTES, tail.memory]
            found = await self._read_tails(keys=[keys.prefix(name, self.generation)], args=args)
            if not found:
                return False
            version, tail.memory, lost, at, more, *appended = found
            for suffix, rows in zip(appended[::2], appended[1::2], strict=True):
                ending = suffix.decode()
                take(Appended(name, ending, rows))
                tail.lengths[ending] = tail.lengths.get(ending, 0) + len(rows)
            tail.lost, tail.at = int(lost or 0), at.decode() or None
        tail.version = version
        return True
