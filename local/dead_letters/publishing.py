"""A publisher for the time of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.kafka import Publisher


@asynccontextmanager
async def publishing(kafka: str) -> AsyncIterator[Publisher]:
    """A publisher that is closed at the end."""
    publisher = Publisher(kafka, "oversight.dead-letters")
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()
