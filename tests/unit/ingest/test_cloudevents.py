import base64
import json

import pytest

from services.ingest import cloudevents
from services.ingest.cloudevents import BATCHED, STRUCTURED
from shared.errors import Forbidden, Invalid, Malformed
from shared.events import topics

ATTRIBUTES = {"specversion": "1.0", "id": "1", "source": "/met", "type": "oversight.crime.v1"}
DATA = {"crime_id": "7"}


def check_source(source, field):
    if source != ATTRIBUTES["source"]:
        raise Forbidden(f"{field}: {source}")


def read(body, headers):
    return cloudevents.read(body, headers, check_source)


def structured(**changes):
    event = ATTRIBUTES | {"data": DATA} | changes
    return json.dumps({name: value for name, value in event.items() if value is not ...}).encode()


def binary(**changes):
    attributes = {f"ce-{name}": value for name, value in (ATTRIBUTES | changes).items() if value is not ...}
    return {"content-type": "application/json"} | attributes


def read_one(body, media=STRUCTURED):
    ((topic, data),) = read(body, {"content-type": media})
    return topic, json.loads(bytes(data))


def test_an_event_in_structured_mode_is_read():
    assert read_one(structured(), f"{STRUCTURED}; charset=utf-8") == (topics.CRIMES, DATA)


def test_an_event_in_binary_mode_is_its_headers_and_its_body():
    ((topic, data),) = read(b'{"call_id": "1"}', binary(type="oversight.call.v1"))
    assert (topic, bytes(data)) == (topics.CALLS, b'{"call_id": "1"}')


def test_a_batch_may_mix_the_types_and_keeps_their_order():
    batch = b"[" + structured() + b"," + structured(type="oversight.crime-count.v1") + b"]"
    assert [topic for topic, _ in read(batch, {"content-type": BATCHED})] == [topics.CRIMES, topics.CRIME_COUNTS]


def test_data_may_come_in_base64():
    encoded = base64.b64encode(json.dumps(DATA).encode()).decode()
    assert read_one(structured(data=..., data_base64=encoded)) == (topics.CRIMES, DATA)


def test_extensions_pass_unread():
    assert read_one(structured(traceparent="00-1", sequence=7)) == (topics.CRIMES, DATA)


@pytest.mark.parametrize(
    ("event_type", "topic"),
    [
        ("oversight.crime.v1", topics.CRIMES),
        ("uk.police.met.Crimes.recorded", topics.CRIMES),
        ("call", topics.CALLS),
        ("oversight.stop.v2", topics.STOPS),
        ("gov.indicators", topics.INDICATORS),
        ("oversight.crime-count.v1", topics.CRIME_COUNTS),
    ],
)
def test_a_type_names_one_kind_of_record_among_its_words(event_type, topic):
    assert read_one(structured(type=event_type))[0] == topic


@pytest.mark.parametrize(
    ("changes", "field", "complaint"),
    [
        ({"specversion": "0.3"}, "specversion", "'0.3' is not supported; must be '1.0'"),
        ({"type": "oversight.alert.v1"}, "type", "known: oversight.crime.v1, oversight.call.v1"),
        ({"type": "crime.call"}, "type", "unknown type 'crime.call'"),
        ({"type": "crimes-in-london"}, "type", "unknown type"),
        ({"datacontenttype": "text/xml"}, "datacontenttype", "'text/xml' is not JSON; send application/json"),
        ({"data": ...}, "data", "required"),
        ({"data": ..., "data_base64": "%%%"}, "data_base64", "not base64"),
        ({"data_base64": "e30="}, "data_base64", "stands beside data; send one of the two"),
    ],
)
@pytest.mark.parametrize(("media", "prefix"), [(STRUCTURED, ""), (BATCHED, "[1].")])
def test_an_attribute_that_is_wrong_is_named(changes, field, complaint, media, prefix):
    body = structured(**changes)
    body = body if media == STRUCTURED else b"[" + structured() + b"," + body + b"]"
    with pytest.raises(Invalid, match="not an accepted CloudEvent") as caught:
        read(body, {"content-type": media})
    ((error,), expected) = caught.value.errors, f"{prefix}{field}"
    assert error.field == expected
    assert complaint in error.message


@pytest.mark.parametrize(
    ("changes", "value", "nearest"),
    [
        ({"specversion": "0.3"}, "0.3", "1.0"),
        ({"type": "oversight.crme.v1"}, "oversight.crme.v1", "oversight.crime.v1"),
        ({"type": "alert" * 100}, ("alert" * 100)[:200] + "...", "oversight.crime.v1"),
    ],
    ids=["version", "type", "endless"],
)
def test_a_wrong_attribute_comes_with_its_value_and_the_nearest_known_one(changes, value, nearest):
    with pytest.raises(Invalid) as caught:
        read(structured(**changes), {"content-type": STRUCTURED})
    (error,) = caught.value.errors
    assert (error.value, error.nearest[0]) == (value, nearest)
    assert nearest in error.message


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
@pytest.mark.parametrize("value", [..., "", 7])
def test_an_attribute_that_must_be_there_is_missed(name, value):
    with pytest.raises(Invalid, match=f"not a CloudEvent: .*{name}"):
        read(structured(**{name: value}), {"content-type": STRUCTURED})


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
@pytest.mark.parametrize("value", [..., ""])
def test_a_header_that_must_be_there_is_missed_in_binary_mode(name, value):
    with pytest.raises(Invalid, match="or the content type application/cloudevents") as caught:
        read(b"{}", binary(**{name: value}))
    assert [error.field for error in caught.value.errors] == [f"ce-{name}"]


@pytest.mark.parametrize("media", ["text/plain", "application/octet-stream"])
def test_the_content_type_of_binary_mode_is_the_datas(media):
    with pytest.raises(Invalid, match="ce-datacontenttype"):
        read(b"{}", binary() | {"content-type": media})


def test_binary_mode_without_a_body_misses_its_data():
    with pytest.raises(Invalid, match="ce-data: required"):
        read(b"", binary())


@pytest.mark.parametrize("media", [STRUCTURED, BATCHED])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1"])
def test_an_envelope_that_is_not_json_is_malformed(media, body):
    with pytest.raises((Malformed, Invalid)) as caught:
        read(body, {"content-type": media})
    assert "JSON" in str(caught.value) or "not a CloudEvent" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "headers", "field"),
    [
        (structured(source="/btp"), {"content-type": STRUCTURED}, "source"),
        (b"{}", binary(source="/btp"), "ce-source"),
        (b"[" + structured() + b"," + structured(source="/btp") + b"]", {"content-type": BATCHED}, r"\[1\].source"),
    ],
)
def test_a_source_that_is_not_the_callers_own_is_refused_by_its_field(body, headers, field):
    with pytest.raises(Forbidden, match=f"^{field}: /btp$"):
        read(body, headers)
