"""Writing: positions, record states, and the atomic step."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.states import DIGEST_BYTES, State, unpack
from services.metrics.steps import Step
from services.metrics.store import keys
from services.metrics.store.connection import translated
from shared.clock import Clock
from shared.errors import Unavailable

_SCRIPTS = files("services.metrics.store") / "scripts"
_pack = msgspec.msgpack.Encoder().encode


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
    """Writes one partition at a time. `fingerprints` holds, by topic, that of its counts' layout.

    Every method raises Unavailable when Redis does not answer.
    """

    def __init__(self, redis: Redis, fingerprints: Mapping[str, str], clock: Clock) -> None:
        self._redis, self._fingerprints, self._clock = redis, fingerprints, clock
        self._read_states = redis.register_script((_SCRIPTS / "read_states.lua").read_text())
        self._commit_step = redis.register_script((_SCRIPTS / "commit_step.lua").read_text())
        self._move_position = redis.register_script((_SCRIPTS / "move_position.lua").read_text())

    def _prefix(self, partition: TopicPartition) -> str:
        name = keys.partition_name(partition.topic, partition.partition)
        return keys.prefix(name, self._fingerprints[partition.topic])

    async def ping(self) -> None:
        with translated():
            await self._redis.ping()

    async def position(self, partition: TopicPartition) -> Position | None:
        with translated():
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
        args: list[str | int] = [*(old or ("", "", "")), cluster, following, lost]
        with translated():
            await self._redis.sadd(keys.PARTITIONS, name)
            stored = await self._move_position(keys=[self._prefix(partition)], args=args)
        return _moved(old, cluster, following, stored)

    async def states(self, partition: TopicPartition, digests: Sequence[bytes]) -> dict[bytes, State]:
        """The stored states of those records that have one."""
        args: list[bytes | int] = [b"".join(digests), DIGEST_BYTES]
        with translated():
            found = await self._read_states(keys=[self._prefix(partition)], args=args)
        return {record: unpack(state) for record, state in zip(digests, found, strict=True) if state}

    async def commit(self, partition: TopicPartition, position: Position, following: int, step: Step) -> Position:
        """Write the step and move from `position` to offset `following`, all or nothing; raises Fenced."""
        now = self._clock.now().isoformat(timespec="seconds")
        rest = _pack({**step._asdict(), "states": [len(state) for state in step.states.values()]})
        # Bytes travel apart: Redis' MessagePack knows no binary strings.
        states = (b"".join(step.states), b"".join(step.states.values()))
        args: list[str | int | bytes] = [*position, following, now, rest, *states]
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
