"""A bound on dead letters: a consumer that can read nothing halts, rather than put whole topics aside.

What was put aside is known from the dead letters themselves, so that a restart is not a decision. Decisions are kept as
offsets that the group `ALLOWED` has committed: what stands before them may be put aside, however much it is.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.errors import Unavailable
from shared.events.topics import dead_letter_topic
from shared.kafka.progress import GroupProgress
from shared.kafka.replay import Log, open_log

ALLOWED = "oversight.dead-letters.allowed"
_LONGEST_REASON = 200
_READ_BACK = 10_000
"""Records of each partition of dead letters: what was put aside of one partition may lie among all others'."""


class Limit(NamedTuple):
    """At most `most` dead letters among any `within` records that follow each other in a partition."""

    most: int = 100
    within: int = 1000

    def first_beyond(self, before: Iterable[int], fresh: Collection[int]) -> int | None:
        """The first of the offsets `fresh` that would be one too many, with those put aside `before`."""
        window: deque[int] = deque()
        for offset in sorted({*before, *fresh}):
            window.append(offset)
            while window[0] <= offset - self.within:
                window.popleft()
            if len(window) > self.most and offset in fresh:
                return offset
        return None


class Halted(Exception):
    """A consumer must not go on from `offset` before somebody has decided so; `lifted` asks whether that is done."""

    def __init__(self, place: TopicPartition, offset: int, why: str, lifted: Callable[[], Awaitable[bool]]) -> None:
        super().__init__(f"halted at offset {offset} of {place.topic}, partition {place.partition}: {why}")
        self.offset, self.lifted = offset, lifted


class DeadLetterLimit:
    """Holds the consumer `consumer` to `limit`."""

    def __init__(self, kafka: str, consumer: str, limit: Limit) -> None:
        self._kafka, self._consumer, self._limit = kafka, consumer, limit
        self._put_aside: dict[TopicPartition, set[int]] = defaultdict(set)
        self._topics: set[str] = set()
        self._reading = asyncio.Lock()

    async def check(self, partition: TopicPartition, reasons: Mapping[int, str]) -> None:
        """Raise Halted at the first of these offsets that is beyond the limit, Unavailable if Kafka does not answer."""
        await self._know(partition.topic)
        # From there on, what is known was put aside when this was tried before, or stood in another log.
        before = {each for each in self._put_aside[partition] if each < min(reasons)}
        self._put_aside[partition] = before
        if self._limit.first_beyond(before, reasons) is None:
            return
        allowed = await self._allowed(partition)
        counted = [{each for each in offsets if each >= allowed} for offsets in (before, reasons)]
        beyond = self._limit.first_beyond(*counted)
        if beyond is not None:
            raise Halted(
                partition, beyond, self._why(partition, reasons[beyond]), partial(self.lifted, partition, beyond)
            )

    def _why(self, partition: TopicPartition, reason: str) -> str:
        return (
            f"it would be more than {self._limit.most:,} dead letters among {self._limit.within:,} records "
            f"({reason[:_LONGEST_REASON]}). Correct what publishes or what reads these records and start it again, or "
            f"have all that now stands there put aside: oversight dead-letters resume {partition.topic}"
        )

    def remember(self, partition: TopicPartition, offsets: Collection[int]) -> None:
        """Note that these have been put aside."""
        known = self._put_aside[partition].union(offsets)
        self._put_aside[partition] = {each for each in known if each > max(known) - self._limit.within}

    async def lifted(self, partition: TopicPartition, offset: int) -> bool:
        """Whether it has been decided that what stands there may be put aside."""
        try:
            return await self._allowed(partition) > offset
        except (KafkaError, Unavailable, OSError):
            return False

    async def _allowed(self, partition: TopicPartition) -> int:
        progress, place = GroupProgress(self._kafka, ALLOWED), (partition.topic, partition.partition)
        try:
            return (await progress.committed([place])).get(place, 0)
        except (KafkaError, OSError) as error:
            raise Unavailable(f"Kafka does not answer: {error!r}") from error
        finally:
            await progress.stop()

    async def _know(self, topic: str) -> None:
        async with self._reading:
            if topic in self._topics:
                return
            async with open_log(self._kafka, [dead_letter_topic(topic)]) as log:
                await self._read_back(topic, log)
            self._topics.add(topic)

    async def _read_back(self, topic: str, log: Log) -> None:
        bounds = await log.bounds()
        starts = {each: max(held.earliest, held.end - _READ_BACK) for each, held in bounds.items()}
        async for batches in log.read(starts, {each: held.end for each, held in bounds.items()}, max_records=500):
            for record in (record for batch in batches.values() for record in batch):
                about = dict(record.headers)
                if about.get("dlq_consumer") == self._consumer.encode():
                    place = TopicPartition(topic, _number(about.get("dlq_partition")))
                    self._put_aside[place].add(_number(about.get("dlq_offset")))


def _number(text: Any) -> int:
    return int(text) if text and text.isdigit() else -1
