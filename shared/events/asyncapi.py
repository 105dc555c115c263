"""The AsyncAPI document: every topic, who writes and who reads it, and what its messages are."""

from functools import cache
from typing import Any

from shared.events import topics
from shared.events.codec import CE_TYPES, CONTENT_TYPE, EVENT_TYPES, notice_message, record_message
from shared.events.examples import NOTICES, RECORDS
from shared.events.schemas import components, example

SENDERS = {
    **dict.fromkeys(topics.RECORD_TOPICS, "ingest"),
    topics.ALERTS: "metrics",
    topics.ACTIONS: "actions",
    topics.NOTIFICATIONS: "notify",
}
RECEIVERS = {**dict.fromkeys(topics.RECORD_TOPICS, "metrics"), topics.ALERTS: "notify", topics.ACTIONS: "notify"}
_BINDING = "0.5.0"
_RECORD_KEY = "source/dataset/record id: all revisions of a record stand in one partition, in the order of arrival"
_NOTICE_KEY = "what the notice is about, so that its story stays in order"
_KEPT = "Kept for ever, not compacted. The CRC-32 of the key chooses the partition, as librdkafka's `consistent` does."
_LETTER_HEADERS = {
    "dlq_reason": "why it was put aside",
    "dlq_topic": "the topic that it stood in",
    "dlq_partition": "its partition there",
    "dlq_offset": "its offset there",
    "dlq_consumer": "the consumer that put it aside",
    "dlq_at": "when",
    "dlq_stack": "where in the code, if it was a fault there",
}
_NOT_ALWAYS = {"dlq_stack"}


@cache
def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document, complete in itself."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Oversight",
            "version": "1",
            "description": "The topics in which Oversight's services meet. Within v1 events change by addition only: "
            "a field may be added that need not be there, and nothing is removed, narrowed or newly required. Who "
            "reads them is upgraded before who writes them: Oversight's own services put aside what has a field that "
            "they do not know, rather than count what they do not understand, and read it again once they know it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE.decode(),
        "servers": {"kafka": _server()},
        "channels": {**{_channel(topic): _topic(topic) for topic in EVENT_TYPES}, "dead-letters": _dead_letters()},
        "operations": _operations(),
        "components": {
            "messages": {**{_kind(topic): _message(topic) for topic in EVENT_TYPES}, "dead-letter": _letter()},
            "schemas": components(EVENT_TYPES.values(), "#/components/schemas/{name}"),
        },
    }


def _server() -> dict[str, Any]:
    bootstrap = {"default": "127.0.0.1:9092", "description": "what OVERSIGHT_KAFKA names"}
    return {"host": "{bootstrap}", "protocol": "kafka", "variables": {"bootstrap": bootstrap}}


def _channel(topic: str) -> str:
    return topic.rpartition(".")[2]


def _kind(topic: str) -> str:
    """`crime-count` of `oversight.crime-count.v1`."""
    return CE_TYPES[topic].split(".")[1]


def _topic(topic: str) -> dict[str, Any]:
    return {
        "address": topic,
        "description": f"{_KEPT} Written by {SENDERS[topic]}.",
        "messages": {_kind(topic): {"$ref": f"#/components/messages/{_kind(topic)}"}},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": _BINDING}},
    }


def _dead_letters() -> dict[str, Any]:
    return {
        "address": topics.dead_letter_topic("{topic}"),
        "description": "What a consumer of the topic could not decode or apply.",
        "parameters": {"topic": {"enum": list(EVENT_TYPES), "description": "the topic that it stood in"}},
        "messages": {"dead-letter": {"$ref": "#/components/messages/dead-letter"}},
    }


def _operations() -> dict[str, Any]:
    sent = {f"{SENDERS[topic]}-sends-{_channel(topic)}": _operation("send", topic, SENDERS[topic]) for topic in SENDERS}
    read = {
        f"{reader}-receives-{_channel(topic)}": _operation("receive", topic, reader)
        for topic, reader in RECEIVERS.items()
    }
    return sent | read


def _operation(action: str, topic: str, service: str) -> dict[str, Any]:
    channel = f"#/channels/{_channel(topic)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{_kind(topic)}"}],
        "tags": [{"name": service}],
    }


def _message(topic: str) -> dict[str, Any]:
    model, key = EVENT_TYPES[topic], _RECORD_KEY if topic in topics.RECORD_TOPICS else _NOTICE_KEY
    return {
        "name": CE_TYPES[topic],
        "title": model.__name__,
        "contentType": CONTENT_TYPE.decode(),
        "headers": _headers(topic),
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": _BINDING}},
        "examples": [{"headers": _example_headers(topic), "payload": example(topic)}],
    }


def _headers(topic: str) -> dict[str, Any]:
    """CloudEvents attributes, in the binary mode of its Kafka binding."""
    properties = {
        "ce_id": {"type": "string", "minLength": 1, "description": "another for each revision or notice"},
        "ce_specversion": {"const": "1.0"},
        "ce_type": {"const": CE_TYPES[topic]},
        "ce_source": {"type": "string", "pattern": "^/sources/[a-z0-9-]+$"},
        "content-type": {"const": CONTENT_TYPE.decode()},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _example_headers(topic: str) -> dict[str, str]:
    if topic in RECORDS:
        message = record_message(RECORDS[topic], "met")
    else:
        message = notice_message(NOTICES[topic], SENDERS[topic])
    return {name: value.decode() for name, value in message.headers}


def _letter() -> dict[str, Any]:
    properties = {name: {"type": "string", "description": what} for name, what in _LETTER_HEADERS.items()}
    required = [name for name in properties if name not in _NOT_ALWAYS]
    return {
        "name": "dead-letter",
        "summary": "A message as it stood, with its own headers and bytes, and why it was put aside.",
        "headers": {"type": "object", "required": required, "properties": properties},
        "payload": {"description": "whatever it held, decodable or not, and null where it held nothing"},
    }
