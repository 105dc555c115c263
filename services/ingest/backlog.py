"""Sheds load before a lagging consumer could be overtaken, on a broker that keeps only so much a partition."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from aiokafka.errors import KafkaError

from services.ingest.telemetry import SHED, UNAPPLIED
from shared.errors import Unavailable

log = logging.getLogger(__name__)
Place = tuple[str, int]


class Progress(Protocol):
    """How far the consumer has come; raises KafkaError when Kafka does not answer."""

    async def committed(self, places: Collection[Place]) -> Mapping[Place, int]: ...

    async def has_applied(self, topics: Collection[str]) -> bool: ...


class Backlog:
    """Counts the bytes of each partition that are published, or about to be, and not yet applied.

    What an earlier process published, or a request that failed half way, cannot be counted: nothing is taken until
    the consumer has applied all there is. That is so at the start, and after a failure.
    """

    def __init__(
        self, progress: Progress, topics: Collection[str], limit_bytes: int, under_way: Callable[[], int]
    ) -> None:
        """`under_way`: how many bytes are on their way to Kafka, of requests that were refused for the time as well."""
        self._progress, self._topics, self._limit, self._under_way = progress, topics, limit_bytes, under_way
        self._held: dict[Place, int] = defaultdict(int)
        self._written: dict[Place, deque[tuple[int, int]]] = defaultdict(deque)
        self._unknown = 1
        """How often bytes of unknown fate have come up; 0 once the consumer has applied everything since."""

    async def ready(self) -> str | None:
        """None once requests are taken, else what is waited for."""
        return "metrics has to apply what was published before" if self._unknown else None

    def reserve(self, sizes: Mapping[Place, int]) -> None:
        """Make room for bytes about to be published; raises Unavailable when there is none.

        A partition with nothing outstanding takes a request of any permitted size, or it could never be taken.
        """
        for place, size in sizes.items():
            if self._unknown or (self._held[place] and self._held[place] + size > self._limit):
                SHED.inc()
                raise Unavailable("the metrics service has to catch up first; nothing was accepted", retry_after=1)
        for place, size in sizes.items():
            self._held[place] += size

    def release(self, sizes: Mapping[Place, int]) -> None:
        """Give back what was reserved and then not acknowledged; some of it may stand in Kafka all the same."""
        for place, size in sizes.items():
            self._held[place] -= size
        self._unknown += 1

    def written(self, sizes: Mapping[Place, int], last_offsets: Mapping[Place, int]) -> None:
        """What was reserved now stands in Kafka, up to these offsets."""
        if -1 in last_offsets.values():  # where that is, Kafka no longer knows
            self.release(sizes)
            return
        for place, offset in last_offsets.items():
            self._written[place].append((offset, sizes[place]))

    async def run(self) -> None:
        """Follow the consumer until cancelled."""
        while True:
            try:
                await self._follow()
            except (KafkaError, OSError) as error:
                log.warning("the consumer's progress cannot be read: %r", error)
            UNAPPLIED.set(sum(self._held.values()))
            await asyncio.sleep(0.05)

    async def _follow(self) -> None:
        if waiting := [place for place, batches in self._written.items() if batches]:
            self._apply(await self._progress.committed(waiting))
        unknown = self._unknown
        if not unknown or self._under_way():
            return  # what is still under way would be written after all had been applied, and never be counted
        if await self._progress.has_applied(self._topics) and unknown == self._unknown:
            self._unknown = 0

    def _apply(self, committed: Mapping[Place, int]) -> None:
        for place, following in committed.items():
            # Concurrent requests may be noted in another order than Kafka wrote them.
            applied = [each for each in self._written[place] if each[0] < following]
            for each in applied:
                self._written[place].remove(each)
                self._held[place] -= each[1]
