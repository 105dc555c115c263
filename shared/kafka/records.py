"""Records and record batches as Kafka keeps them (message format 2), written by the thousand.

aiokafka's own builder takes ten times as long for a record: it writes each length and each header anew, of which ours
all have the same but for one value.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from aiokafka.record.util import calc_crc32c

from shared.events import AnyMessage, Message
from shared.events.topics import partition_of

MAX_BATCH_BYTES = 512 * 1024
Body = bytes
"""A record from its key on: what stands before it says where in its batch it stands, and is known only there."""
Place = tuple[str, int]
Routed = dict[Place, list[Body]]
"""Of each partition the records, in order."""

_FRAMING_BYTES = 12
"""Before a body, at most: length, attributes, timestamp, place in the batch."""
_HEAD = struct.Struct(">qiibI")
_CHECKED = struct.Struct(">hiqqqhii")
_LENGTH_FROM = 12
_NO_EPOCH, _FORMAT = -1, 2
_NULL = b"\x01"
"""In the place of a text: there is none, which is not an empty one."""


def _long_varint(number: int) -> bytes:
    """A number of 0 or more as a zigzag variable-length integer."""
    rest, written = number << 1, bytearray()
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)


_KNOWN = 4096
_VARINTS = [_long_varint(number) for number in range(_KNOWN)]
_PLACES = [b"\0\0" + place for place in _VARINTS]
"""Before each record, after its size: attributes, a timestamp that is the batch's, its place in the batch."""


def _varint(number: int) -> bytes:
    return _VARINTS[number] if number < _KNOWN else _long_varint(number)


def _sized(text: bytes) -> bytes:
    return _varint(len(text)) + text


def _sized_or_null(text: bytes | None) -> bytes:
    return _NULL if text is None else _sized(text)


class Form(NamedTuple):
    """The headers of messages that differ in the value of the first alone: what stands before and after that value."""

    before: bytes
    after: bytes

    @classmethod
    def of(cls, first: str, others: Sequence[tuple[str, bytes]]) -> "Form":
        written = b"".join(_sized(name.encode()) + _sized(value) for name, value in others)
        return cls(_varint(1 + len(others)) + _sized(first.encode()), written)

    def bodies(self, messages: Iterable[tuple[bytes, bytes, bytes]], topic: str, partitions: int) -> Routed:
        """The records of messages (key, value, the first header's value) by the partition that each belongs to."""
        (before, after), sizes = self, _VARINTS
        found: Routed = {}
        for key, value, first in messages:
            try:
                body = b"".join(
                    (sizes[len(key)], key, sizes[len(value)], value, before, sizes[len(first)], first, after)
                )
            except IndexError:  # a size that has to be worked out
                body = b"".join((_sized(key), _sized(value), before, _sized(first), after))
            place = topic, partition_of(key, partitions)
            if place in found:
                found[place].append(body)
            else:
                found[place] = [body]
        return found


def body_of(message: Message | AnyMessage) -> Body:
    """The record of any message."""
    headers = b"".join(_sized(name.encode()) + _sized_or_null(value) for name, value in message.headers)
    return b"".join(
        (_sized_or_null(message.key), _sized_or_null(message.value), _varint(len(message.headers)), headers)
    )


class RecordBatch:
    """A record batch that nothing is added to; it stands in the place of aiokafka's BatchBuilder.

    Once built it bears a producer's sequence: what was sent is sent again only as another batch.
    """

    def __init__(self, bodies: Sequence[Body], now_ms: int) -> None:
        self._bodies, self._now_ms = bodies, now_ms
        self._producer = (-1, -1, 0)
        self._written: bytes | None = None

    def record_count(self) -> int:
        return len(self._bodies)

    def closed(self) -> bool:
        return True

    def append(self, **_message: object) -> None:
        """Answers None as a batch that is full."""

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._producer = (producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytes:
        if self._written is None:
            self._written = self._write()
        return self._written

    def _write(self) -> bytes:
        count, records = len(self._bodies), _framed(self._bodies)
        checked = _CHECKED.pack(0, count - 1, self._now_ms, self._now_ms, *self._producer, count) + records
        size = len(checked) + _HEAD.size - _LENGTH_FROM
        return _HEAD.pack(0, size, _NO_EPOCH, _FORMAT, calc_crc32c(checked)) + checked


def _framed(bodies: Iterable[Body]) -> bytes:
    written: list[bytes] = []
    for offset, body in enumerate(bodies):
        place = _PLACES[offset] if offset < _KNOWN else b"\0\0" + _long_varint(offset)
        size = len(place) + len(body)
        written += (_VARINTS[size] if size < _KNOWN else _long_varint(size), place, body)
    return b"".join(written)


def batches(bodies: Sequence[Body], now_ms: int) -> Iterator[RecordBatch]:
    """As few batches of at most MAX_BATCH_BYTES as hold the records, in order; a larger one stands alone."""
    if size(bodies) <= MAX_BATCH_BYTES:
        yield RecordBatch(bodies, now_ms)
        return
    filling: list[Body] = []
    left = MAX_BATCH_BYTES
    for body in bodies:
        left -= len(body) + _FRAMING_BYTES
        if left < 0 and filling:
            yield RecordBatch(filling, now_ms)
            filling, left = [], MAX_BATCH_BYTES - len(body) - _FRAMING_BYTES
        filling.append(body)
    yield RecordBatch(filling, now_ms)


def size(bodies: Sequence[Body]) -> int:
    """At most how many bytes of a partition the records take, beside their batches' heads."""
    return sum(map(len, bodies)) + _FRAMING_BYTES * len(bodies)
