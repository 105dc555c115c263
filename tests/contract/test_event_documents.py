"""docs/asyncapi.json and docs/schemas/ are what the models say, are served so, and hold for what is published."""

import gzip
import json
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import httpx
import jsonschema_rs
import pytest

from services.ingest.acceptance import judge
from services.ingest.app import create_app
from services.ingest.settings import Settings
from shared.clock import Clock
from shared.events import RECORD_TYPES, decode, topics
from shared.events.asyncapi import RECEIVERS, SENDERS, asyncapi
from shared.events.codec import CE_TYPES, EVENT_TYPES
from shared.events.document import DOCS, documents
from shared.events.examples import EXAMPLES
from shared.events.schemas import event_schemas, example
from shared.kafka import DeadLetters, Publisher
from shared.reference import reference
from tests.architecture.house import ROOT
from tests.unit.ingest.conftest import RIGHT

EVENTS = list(EVENT_TYPES)
# The specification's own, byte for byte: `3.0.0-without-$id.json` of asyncapi/spec-json-schemas 6.11.1, Apache-2.0.
SPECIFICATION = json.loads(gzip.decompress(Path(__file__).with_name("asyncapi-3.0.0.schema.json.gz").read_bytes()))


def validator(topic):
    return jsonschema_rs.Draft202012Validator(event_schemas()[CE_TYPES[topic]], validate_formats=True)


def references(node):
    """Every `$ref` anywhere in a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own | references(list(node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def resolve(reference):
    found = asyncapi()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_the_committed_documents_are_those_that_are_generated():
    committed = {str(path.relative_to(DOCS)): path.read_text() for path in DOCS.rglob("*.json")}
    assert committed == documents(), "run `make docs`, and commit docs/"


async def test_ingest_serves_every_document_to_everybody(tmp_path):
    app = create_app(Settings(OVERSIGHT_KAFKA="127.0.0.1:1", OVERSIGHT_TOKENS_FILE=tmp_path / "none"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest") as client:
        for path, text in documents().items():
            answer = await client.get(f"/{path}")
            assert answer.json() == json.loads(text), path
        unknown = await client.get("/schemas/oversight.crime.v2.json")
    assert unknown.status_code == 404
    assert "oversight.crime.v1.json" in unknown.json()["detail"]


@pytest.mark.parametrize("topic", EVENTS)
def test_a_schema_is_a_json_schema_and_its_example_is_right(topic):
    jsonschema_rs.meta.validate(event_schemas()[CE_TYPES[topic]])
    assert list(validator(topic).iter_errors(example(topic))) == []
    assert decode(topic, json.dumps(example(topic)).encode()) == EXAMPLES[topic]


@pytest.mark.parametrize("topic", EVENTS)
def test_an_example_with_a_field_missing_or_of_another_type_is_wrong_to_the_schema_too(topic):
    required = event_schemas()[CE_TYPES[topic]]["required"]
    for field in required:
        less = {name: value for name, value in example(topic).items() if name != field}
        assert not validator(topic).is_valid(less)
        assert not validator(topic).is_valid(example(topic) | {field: {"not": "this"}})


@pytest.mark.parametrize("topic", RECORD_TYPES)
def test_what_ingest_accepts_is_right_to_the_schema_as_posted_and_as_published(topic):
    for posted in (RIGHT[topic], example(topic)):
        verdict = judge([(topic, json.dumps(posted).encode())], reference(), Clock().today())
        assert not verdict.rejected
        assert validator(topic).is_valid(posted)


def test_every_event_has_an_example_and_every_example_shows_its_fields():
    assert EXAMPLES.keys() == EVENT_TYPES.keys() == set(topics.ALL_TOPICS)
    for topic in EVENTS:
        shown = example(topic).keys()
        assert set(event_schemas()[CE_TYPES[topic]]["required"]) <= shown


def test_every_topic_has_a_channel_a_message_and_whoever_writes_it():
    channels = {each["address"]: name for name, each in asyncapi()["channels"].items()}
    assert set(topics.ALL_TOPICS) == channels.keys() - {topics.dead_letter_topic("{topic}")}
    operations = asyncapi()["operations"].values()
    for topic, name in channels.items():
        sent = [each for each in operations if each["channel"]["$ref"] == f"#/channels/{name}"]
        assert "parameters" in asyncapi()["channels"][name] or "send" in {each["action"] for each in sent}, topic


def test_the_document_is_right_to_the_schema_of_asyncapi_3_itself():
    assert list(jsonschema_rs.Draft7Validator(SPECIFICATION).iter_errors(asyncapi())) == []


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("asyncapi",), "2.6.0"),
        (("info", "version"), 1),
        (("channels", "crimes", "adress"), "oversight.crimes"),
        (("channels", "crimes", "bindings", "kafka", "topik"), "oversight.crimes"),
        (("servers", "kafka", "protocol"), None),
        (("operations", "ingest-sends-crimes", "action"), "publish"),
        (("components", "messages", "crime", "bindings", "kafka", "key"), 7),
        (("components", "schemas", "Crime", "type"), "crime"),
    ],
    ids=lambda each: ".".join(each) if isinstance(each, tuple) else "",
)
def test_that_schema_finds_what_is_wrong(place, wrong):
    document = deepcopy(asyncapi())
    inside = document
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = wrong
    assert not jsonschema_rs.Draft7Validator(SPECIFICATION).is_valid(document)


def test_every_reference_leads_somewhere():
    assert len(references(asyncapi())) > 30
    for found in references(asyncapi()):
        assert resolve(found)


@pytest.mark.parametrize("topic", EVENTS)
def test_a_messages_example_is_right_to_its_own_headers_and_payload(topic):
    (message,) = (each for each in asyncapi()["components"]["messages"].values() if each["name"] == CE_TYPES[topic])
    (shown,) = message["examples"]
    assert jsonschema_rs.Draft7Validator(message["headers"]).is_valid(shown["headers"])
    assert validator(topic).is_valid(shown["payload"])
    assert message["payload"] == {"$ref": f"#/components/schemas/{EVENT_TYPES[topic].__name__}"}


def test_those_who_read_a_topic_are_those_that_the_document_names():
    read = dict.fromkeys(import_module("services.metrics.consumer").KINDS, "metrics")
    read |= dict.fromkeys(import_module("services.notify.consumer").TOPICS, "notify")
    assert read == RECEIVERS
    assert {path.parent.name for path in (ROOT / "services").glob("*/consumer.py")} == set(RECEIVERS.values())


@pytest.mark.parametrize("reason", ["unreadable", ValueError("a fault")])
def test_a_dead_letter_has_the_headers_that_the_document_names(reason):
    place = {"topic": topics.CRIMES, "partition": 3, "offset": 7}
    record = SimpleNamespace(**place, key=b"k", value=b"v", headers=[("ce_id", b"1")])
    letter = DeadLetters(Publisher("127.0.0.1:1", "metrics"), "metrics", Clock())._letter(record, reason)
    headers = {name: value.decode() for name, value in letter.headers}
    documented = asyncapi()["components"]["messages"]["dead-letter"]["headers"]
    assert jsonschema_rs.Draft7Validator(documented).is_valid(headers)
    assert headers.keys() - {"ce_id"} <= documented["properties"].keys()
    assert ("dlq_stack" in headers) == isinstance(reason, Exception)


def test_every_topic_has_one_writer_which_is_a_service():
    assert SENDERS.keys() == EVENT_TYPES.keys()
    assert set(SENDERS.values()) == {path.parent.name for path in (ROOT / "services").glob("*/app.py")}
