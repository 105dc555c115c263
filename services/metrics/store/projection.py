"""Writing: positions, record states, and the atomic step, into one generation of counts."""

from collections.abc import Sequence
from importlib.resources import files
from secrets import token_hex
from typing import Any, NamedTuple

import msgspec
import numpy as np
from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.rows import Array
from services.metrics.states import NAME_BYTES
from services.metrics.steps import Step
from services.metrics.store import keys
from services.metrics.store.connection import translated
from shared.clock import Clock
from shared.errors import Unavailable

_SCRIPTS = files("services.metrics.store") / "scripts"
_encode = msgspec.json.Encoder().encode


class Position(NamedTuple):
    """The next offset to apply, in the log of that Kafka cluster; an offset means nothing in another's.

    `moves` says how often the partition has been moved on. A log that is read again comes by the same offset twice,
    and a step which began there the first time must not count the second.
    """

    cluster: str
    next: int
    moves: int = 0


class Fenced(Exception):
    """Somebody else has moved the partition on; nothing was written. `stored` is where it now stands."""

    def __init__(self, stored: Position | None) -> None:
        super().__init__(f"the partition stands at {stored}")
        self.stored = stored


class Projection:
    """Writes one partition at a time, into `generation`: until one is named, the one that is served.

    Every method raises Unavailable when Redis does not answer.
    """

    def __init__(self, redis: Redis, clock: Clock, generation: str | None = None) -> None:
        self._redis, self._clock, self._named = redis, clock, generation
        self._generations: dict[TopicPartition, str] = {}
        self._read_states = redis.register_script((_SCRIPTS / "read_states.lua").read_text())
        self._commit_step = redis.register_script((_SCRIPTS / "commit_step.lua").read_text())
        self._move_position = redis.register_script((_SCRIPTS / "move_position.lua").read_text())

    def _prefix(self, partition: TopicPartition) -> str:
        generation = self._named or self._generations[partition]
        return keys.prefix(keys.partition_name(partition.topic, partition.partition), generation)

    async def ping(self) -> None:
        with translated():
            await self._redis.ping()

    async def position(self, partition: TopicPartition) -> Position | None:
        """Where the partition stands, in the generation that is served now unless another was named."""
        with translated():
            stored_name: Any = await self._redis.get(keys.GENERATION)
            self._generations[partition] = keys.served(stored_name)
            stored: Any = await self._redis.hmget(f"{self._prefix(partition)}position", ["cluster", "next", "moves"])
        return _position(stored)

    async def check_partitions(self, topic: str, count: int) -> None:
        """Raises Unavailable if the topic had another number of partitions when it was first counted.

        A record's partition follows from their number: with another, its next revision would find no state there and
        count twice.
        """
        with translated():
            await self._redis.hsetnx(keys.PARTITION_COUNTS, topic, str(count))
            found: Any = await self._redis.hget(keys.PARTITION_COUNTS, topic)
        if int(found) != count:
            raise Unavailable(
                f"{topic} has {count} partitions and was counted with {int(found)}: count into an empty Redis database"
            )

    async def move(
        self, partition: TopicPartition, old: Position | None, cluster: str, following: int, lost: int = 0
    ) -> Position:
        """Move to offset `following` with `lost` records missing; raises Fenced if it stands at `old` no more."""
        name = keys.partition_name(partition.topic, partition.partition)
        args: list[str | int] = [*(old or ("", "", "")), cluster, following, lost, token_hex(8)]
        with translated():
            await self._redis.sadd(keys.PARTITIONS, name)
            stored = await self._move_position(keys=[self._prefix(partition)], args=args)
        return _moved(old, cluster, following, stored)

    async def states(self, partition: TopicPartition, names: bytes, dtype: np.dtype[Any]) -> Array:
        """The stored state of each record; revision 0 where there is none."""
        args: list[bytes | int] = [names, NAME_BYTES, bytes(dtype.itemsize)]
        with translated():
            found: Any = await self._read_states(keys=[self._prefix(partition)], args=args)
        return np.frombuffer(found, dtype)

    async def commit(self, partition: TopicPartition, position: Position, following: int, step: Step) -> Position:
        """Write the step and move from `position` to offset `following`, all or nothing; raises Fenced."""
        now = self._clock.now().isoformat(timespec="seconds")
        size = len(step.states) * NAME_BYTES // len(step.names) if step.names else 0
        args: list[str | int | bytes] = [*position, following, now, NAME_BYTES, step.names, size, step.states]
        args += [_encode(step.arrivals), token_hex(8), len(step.rows)]
        args += [part for item in step.rows.items() for part in item]
        for suffix, texts in step.values.items():
            for at in range(0, len(texts), 2):
                args += [suffix, texts[at], texts[at + 1]]
        with translated():
            stored = await self._commit_step(keys=[self._prefix(partition)], args=args)
        return _moved(position, position.cluster, following, stored)


def _position(stored: Sequence[bytes | None]) -> Position | None:
    cluster, following, moves = stored
    return Position(cluster.decode(), int(following), int(moves or 0)) if cluster and following else None


def _moved(old: Position | None, cluster: str, following: int, answer: Any) -> Position:
    if answer != b"ok":
        raise Fenced(_position(answer))
    return Position(cluster, following, old.moves + 1 if old else 1)
