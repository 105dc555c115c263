"""What a topic holds, looked at from outside: is every accepted event there, exactly once?"""

from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, TopicPartition

from parts.posts import DATASET
from parts.ratios import Wrong
from shared.events import Crime, decode, topics

Ends = dict[int, int]
SOURCE = "local"


@dataclass(frozen=True)
class Accepted:
    """Requests `first` to `following` - 1 were accepted, of `events` crimes each."""

    first: int
    following: int
    events: int

    @property
    def total(self) -> int:
        return (self.following - self.first) * self.events

    def holds(self, crime_id: str) -> bool:
        request, _, line = crime_id.partition("-")
        return self.first <= int(request) < self.following and 0 <= int(line) < self.events


class Topic:
    """Reads the crimes' topic."""

    def __init__(self, kafka: str) -> None:
        settings = {"bootstrap.servers": kafka, "group.id": "bench.check", "enable.auto.commit": False, "log_level": 0}
        self._consumer = Consumer(settings | {"fetch.wait.max.ms": 10, "fetch.message.max.bytes": 8 * 1024 * 1024})
        known = self._consumer.list_topics(topics.CRIMES, timeout=10).topics[topics.CRIMES]
        self._numbers = sorted(known.partitions)

    def close(self) -> None:
        self._consumer.close()

    def ends(self) -> Ends:
        """The next offset of each partition."""
        return {number: self._bounds(number)[1] for number in self._numbers}

    def check(self, since: Ends, accepted: Accepted) -> int:
        """Answers how many events it read one by one: the broker keeps no more. The others it has counted.

        Raises Wrong if there are more or fewer events since `since` than were accepted, or if one that was read is
        damaged, was never accepted, or was there already.
        """
        ends = self.ends()
        written = sum(ends[number] - since[number] for number in self._numbers)
        if written != accepted.total:
            raise Wrong(f"{accepted.total:,} events were accepted, {written:,} are in the topic")
        seen: set[tuple[bytes, int]] = set()
        for key, value in self._read(since, ends):
            crime: Crime = decode(topics.CRIMES, value)
            if key != topics.record_key(SOURCE, DATASET, crime.crime_id) or not accepted.holds(crime.crime_id):
                raise Wrong(f"the topic holds {key!r}, which was not accepted")
            if (key, crime.revision) in seen:
                raise Wrong(f"the topic holds {key!r}, revision {crime.revision}, twice")
            seen.add((key, crime.revision))
        return len(seen)

    def _bounds(self, number: int) -> tuple[int, int]:
        low, high = self._consumer.get_watermark_offsets(TopicPartition(topics.CRIMES, number), timeout=10)
        return low, high

    def _read(self, since: Ends, ends: Ends) -> Iterator[tuple[bytes, bytes]]:
        starts = {number: max(since[number], self._bounds(number)[0]) for number in self._numbers}
        missing = sum(ends[number] - starts[number] for number in self._numbers)
        self._consumer.assign([TopicPartition(topics.CRIMES, number, start) for number, start in starts.items()])
        while missing:
            found = self._consumer.consume(min(missing, 10_000), timeout=10)
            if not found or found[0].error():
                raise Wrong(f"{missing:,} events of the topic cannot be read: {found and found[0].error()}")
            missing -= len(found)
            for message in found:
                yield message.key() or b"", message.value() or b""
        self._consumer.unassign()
