"""The connection to Redis, and its faults as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.errors import Unavailable


def connect(url: str) -> Redis:
    """A client that opens its connections when first used."""
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=10, health_check_interval=30)


@contextmanager
def translated() -> Iterator[None]:
    """Raises Unavailable for whatever keeps Redis from answering."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable(f"Redis: {type(error).__name__}: {error}", retry_after=2) from error
