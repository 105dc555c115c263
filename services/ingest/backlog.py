"""Sheds load before a lagging consumer could be overtaken, on a broker that keeps only so much a partition."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping

from aiokafka.errors import KafkaError

from services.ingest.telemetry import SHED, UNAPPLIED
from shared.errors import Unavailable

log = logging.getLogger(__name__)
Place = tuple[str, int]
Committed = Callable[[Collection[Place]], Awaitable[Mapping[Place, int]]]
"""Answers the offset up to which each (topic, partition) has been applied."""


class Backlog:
    """Counts the bytes of each partition that are published, or about to be, and not yet applied.

    Offsets from before this process started are not counted: the embedded stack starts ingest last and stops it
    first, so there are none.
    """

    def __init__(self, committed: Committed, limit_bytes: int) -> None:
        self._committed, self._limit = committed, limit_bytes
        self._held: dict[Place, int] = defaultdict(int)
        self._written: dict[Place, deque[tuple[int, int]]] = defaultdict(deque)

    def reserve(self, sizes: Mapping[Place, int]) -> None:
        """Make room for bytes about to be published; raises Unavailable when there is none.

        A partition with nothing outstanding takes a request of any permitted size, or it could never be taken.
        """
        for place, size in sizes.items():
            if self._held[place] and self._held[place] + size > self._limit:
                SHED.inc()
                raise Unavailable("the metrics service has to catch up first; nothing was accepted", retry_after=1)
        for place, size in sizes.items():
            self._held[place] += size

    def release(self, sizes: Mapping[Place, int]) -> None:
        """Give back what was reserved and then not written."""
        for place, size in sizes.items():
            self._held[place] -= size

    def written(self, sizes: Mapping[Place, int], last_offsets: Mapping[Place, int]) -> None:
        """What was reserved now stands in Kafka, up to these offsets."""
        for place, offset in last_offsets.items():
            self._written[place].append((offset, sizes[place]))

    async def run(self) -> None:
        """Follow the consumer until cancelled."""
        while True:
            waiting = [place for place, batches in self._written.items() if batches]
            if waiting:
                try:
                    self._apply(await self._committed(waiting))
                except (KafkaError, OSError) as error:
                    log.warning("the consumer's progress cannot be read: %r", error)
            UNAPPLIED.set(sum(self._held.values()))
            await asyncio.sleep(0.05)

    def _apply(self, committed: Mapping[Place, int]) -> None:
        for place, following in committed.items():
            # Concurrent requests may be noted in another order than Kafka wrote them.
            applied = [each for each in self._written[place] if each[0] < following]
            for each in applied:
                self._written[place].remove(each)
                self._held[place] -= each[1]
