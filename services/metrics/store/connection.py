"""The connection to Redis, and its faults as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from shared.errors import Unavailable


def connect(url: str) -> Redis:
    """A client that opens its connections when first used."""
    # A connection that was idle when Redis restarted is broken, which only its use shows. All that is sent may be
    # sent twice: reads, plain sets, and scripts that check first whether they have run.
    again = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=10, health_check_interval=30, retry=again)


@contextmanager
def translated() -> Iterator[None]:
    """Raises Unavailable for whatever keeps Redis from answering."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable(f"Redis: {type(error).__name__}: {error}", retry_after=2) from error
