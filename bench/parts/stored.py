"""Constructed crimes counted into Redis by the projector alone, given what ingest would publish."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import numpy as np
from aiokafka import TopicPartition
from numpy.typing import NDArray

from parts.constructed import Crimes
from parts.history import PARTITIONS
from services.ingest.terms import Terms
from services.metrics.projector import Projector
from shared.events import Crime, record_message, topics
from shared.events.topics import partition_of
from shared.reference import reference

BATCH = 5000
CLUSTER = "bench"
SOURCE = "local"


class Event(NamedTuple):
    """What the projector reads of a record of the log."""

    offset: int
    key: bytes
    value: bytes


class Log:
    """Feeds a projector as the consumer does, one batch of a partition at a time."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._waiting: list[list[Event]] = [[] for _ in range(PARTITIONS)]
        self._next = [0] * PARTITIONS
        self._terms = Terms(reference(), datetime.now(UTC).date())
        self._decode = msgspec.json.Decoder(Crime).decode

    async def start(self) -> None:
        for number in range(PARTITIONS):
            await self._projector.start_at(TopicPartition(topics.CRIMES, number), CLUSTER, 0, 0)

    async def append(self, lines: Sequence[bytes]) -> None:
        """Count what ingest would make of these lines."""
        for line in lines:
            message = record_message(self._terms.resolve(self._decode(line)), SOURCE)
            number = partition_of(message.key, PARTITIONS)
            self._waiting[number].append(Event(self._next[number], message.key, message.value))
            self._next[number] += 1
            if len(self._waiting[number]) == BATCH:
                await self._apply(number)
        for number in range(PARTITIONS):
            if self._waiting[number]:
                await self._apply(number)

    async def _apply(self, number: int) -> None:
        batch, self._waiting[number] = self._waiting[number], []
        await self._projector.apply(TopicPartition(topics.CRIMES, number), batch)


def revised(lines: Sequence[bytes], revision: int) -> list[bytes]:
    """The same crimes at a later revision: cancelled at even ones, recorded again at odd ones."""
    status = b"recorded" if revision % 2 else b"cancelled"
    told = b'"status":"%s","revision":%d' % (status, revision)
    return [line.replace(b'"status":"recorded"', told) for line in lines]


def area_counts(crimes: Crimes, first: int, last: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each published row's measure and, by position in `area_ids`, its crimes of the days `first` to `last`."""
    within = (crimes.days >= first) & (crimes.days <= last)
    for measure, counted in crimes.rows():
        yield measure, np.bincount(crimes.areas[counted & within], minlength=len(crimes.area_ids))
