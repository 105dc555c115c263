"""The JSON Schema of every event, taken from the models themselves, so that it cannot drift."""

from collections.abc import Iterable
from functools import cache
from inspect import cleandoc
from typing import Any

import msgspec

from shared.events.codec import CE_TYPES, EVENT_TYPES
from shared.events.examples import EXAMPLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def components(kinds: Iterable[type], ref_template: str) -> dict[str, Schema]:
    """The schemas of these models and of their parts, by the models' names; references are as `ref_template` says."""
    _, found = msgspec.json.schema_components(tuple(kinds), ref_template=ref_template)
    for schema in found.values():
        schema["description"] = cleandoc(schema["description"])
    plain: dict[str, Schema] = msgspec.json.decode(msgspec.json.encode(found))  # defaults are the models' own tuples
    return plain


@cache
def event_schemas() -> dict[str, Schema]:
    """Each event's whole schema by its CloudEvents type, such as `oversight.crime.v1`, with an example."""
    return {CE_TYPES[topic]: _event_schema(topic) for topic in EVENT_TYPES}


def _event_schema(topic: str) -> Schema:
    kind, name = EVENT_TYPES[topic], CE_TYPES[topic]
    parts = components([kind], "#/$defs/{name}")
    whole = parts.pop(kind.__name__)
    document = {"$schema": DIALECT, "$id": f"{name}.json", **whole, "examples": [example(topic)]}
    return document | ({"$defs": parts} if parts else {})


def example(topic: str) -> Any:
    """The example of a topic's event, as JSON decodes it."""
    return msgspec.json.decode(msgspec.json.encode(EXAMPLES[topic]))
