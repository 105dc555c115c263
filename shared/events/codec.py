"""One codec: events to Kafka messages and back, in the binary mode of the CloudEvents 1.0 Kafka binding."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from shared.events import topics
from shared.events.notices import ActionEvent, Alert, Notice, NotificationEvent
from shared.events.records import RECORD_TYPES, Record

CONTENT_TYPE = b"application/json"
CE_ID = "ce_id"
CE_TYPES = {
    topics.CRIMES: "oversight.crime.v1",
    topics.CALLS: "oversight.call.v1",
    topics.STOPS: "oversight.stop.v1",
    topics.INDICATORS: "oversight.indicator.v1",
    topics.CRIME_COUNTS: "oversight.crime-count.v1",
    topics.ALERTS: "oversight.alert.v1",
    topics.ACTIONS: "oversight.action.v1",
    topics.NOTIFICATIONS: "oversight.notification.v1",
}
EVENT_TYPES: dict[str, type[Record | Notice]] = {
    **RECORD_TYPES,
    topics.ALERTS: Alert,
    topics.ACTIONS: ActionEvent,
    topics.NOTIFICATIONS: NotificationEvent,
}
_TOPIC_OF = {event_type: topic for topic, event_type in EVENT_TYPES.items()}
_encode = msgspec.json.Encoder().encode


class Message(NamedTuple):
    """What is handed to Kafka: the key's CRC-32 chooses the partition."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class AnyMessage(NamedTuple):
    """A message that somebody else may have made: there need be no key, no value and no header's value."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class Undecodable(Exception):
    """A message that is not an event of its topic; its text is the reason. It belongs with the dead letters."""


@cache
def fixed_headers(topic: str, source: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that every message of a topic and source bears after its `ce_id`."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", CE_TYPES[topic].encode()),
        ("ce_source", source_uri(source).encode()),
        ("content-type", CONTENT_TYPE),
    )


def source_uri(source: str) -> str:
    """The CloudEvents `source` of a token's source."""
    return f"/sources/{source}"


def record_message(record: Record, source: str) -> Message:
    """The message of a record: keyed by its identity, its `ce_id` distinct for each revision."""
    topic = _TOPIC_OF[type(record)]
    ((key, value, ce_id),) = record_parts([record], [_encode(record)], source)
    return Message(topic, key, value, [(CE_ID, ce_id), *fixed_headers(topic, source)])


_REVISIONS = [b"/%d" % revision for revision in range(10)]
Parts = tuple[bytes, bytes, bytes]
"""What differs in the messages of one source's records of one kind: key, value, `ce_id`."""


def record_parts(records: Iterable[Record], values: Iterable[bytes], source: str) -> list[Parts]:
    """Of the messages of a source's records, whose JSON is given."""
    before, parts = topics.record_key_start(source), []
    for record, value in zip(records, values, strict=True):
        name = f"{record.dataset}/{record.record_id}".encode()
        revision = record.revision
        of_revision = _REVISIONS[revision] if revision < len(_REVISIONS) else b"/%d" % revision
        parts.append((before + name, value, name + of_revision))
    return parts


def notice_message(notice: Notice, service: str) -> Message:
    """The message of a notice from a service, keyed by what it is about so that its story stays in order."""
    topic = _TOPIC_OF[type(notice)]
    match notice:
        case Alert():
            about, ce_id = notice.rule, notice.alert_id
        case ActionEvent():
            about, ce_id = notice.action_id, notice.event_id
        case NotificationEvent():
            about, ce_id = notice.notification_id, f"{notice.notification_id}/{notice.status}"
    headers = [(CE_ID, ce_id.encode()), *fixed_headers(topic, service)]
    return Message(topic, about.encode(), _encode(notice), headers)


@cache
def _decoder(topic: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(EVENT_TYPES[topic])


def decode(topic: str, value: bytes | None) -> Any:
    """The event in a message's value; raises Undecodable with the reason."""
    if value is None:
        raise Undecodable("the message has no value")
    try:
        return _decoder(topic).decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(str(error)) from error
