"""Database drivers' errors in our own words, so that the loops and the API know what to do about them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.errors import Unavailable


@contextmanager
def translated() -> Iterator[None]:
    """Raise Unavailable where the database does not answer, or stays locked, within the block."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise Unavailable(f"the database does not answer: {type(cause).__name__}", retry_after=2) from error
