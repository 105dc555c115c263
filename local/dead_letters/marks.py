"""What was done about dead letters: marks, which are records of the same partition that name the letters' offsets.

Single records cannot be deleted from a log. A mark stands behind the letters that it is about, and is never deleted
before them; and it is kept as long as they are, which offsets that a group has committed are not.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, NamedTuple

import msgspec
from aiokafka import TopicPartition

from shared.events import Message
from shared.kafka import Publisher
from shared.kafka.records import body_of

_HEADER = "oversight_mark"
Deed = Literal["replayed", "dropped"]


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """The letters at these offsets have been published again, or are to be forgotten; `because` is for people."""

    deed: Deed
    offsets: tuple[int, ...]
    at: datetime
    because: str = ""

    def __str__(self) -> str:
        return f"{self.deed} at {self.at:%Y-%m-%d %H:%M}" + (f": {self.because}" if self.because else "")


class Done(NamedTuple):
    """What a mark says of some letters."""

    deed: Deed
    at: datetime
    because: str = ""


def is_mark(record: Any) -> bool:
    """Whether a record of a topic of dead letters is no letter. A letter always says who put it aside."""
    names = {name for name, _ in record.headers}
    return _HEADER in names and "dlq_consumer" not in names


def read(record: Any) -> Mark | None:
    """The mark that a record is; None if it is a letter, or cannot be read."""
    if not is_mark(record):
        return None
    try:
        return msgspec.json.decode(record.value or b"", type=Mark)
    except msgspec.MsgspecError:
        return None


async def write(publisher: Publisher, places: Sequence[tuple[TopicPartition, int]], done: Done) -> None:
    """Mark the letters at these offsets; returns once Kafka has acknowledged it, raises Unavailable otherwise."""
    routed = {}
    for place, group in groupby(sorted(places), key=lambda each: each[0]):
        mark = Mark(done.deed, tuple(offset for _, offset in group), done.at, done.because)
        routed[place.topic, place.partition] = [
            body_of(Message(place.topic, b"", msgspec.json.encode(mark), [(_HEADER, done.deed.encode())]))
        ]
    await publisher.publish_routed(routed)
