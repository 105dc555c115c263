"""The examples of CloudEvents 1.0.2 itself, its HTTP binding and its JSON format, adapted to our types and data."""

import base64
import json

import pytest

from services.ingest import cloudevents
from services.ingest.header_values import text_of
from shared.errors import Invalid, UnsupportedMedia
from shared.events import topics

CRIME = {"crime_id": "7", "status": "recorded", "recorded_on": "2018-04-05", "area": "Camden", "offence": "Rape"}
CALL = {
    "call_id": "7",
    "received_at": "2018-04-05T17:31:00Z",
    "line": 101,
    "kind": "crime",
    "category": "Robbery",
    "area": "Camden",
}
ENCODED = base64.b64encode(json.dumps(CRIME).encode()).decode()

# HTTP binding, sections 3.1.4, 3.2.4 and 3.3.3.
BINARY = """\
POST /someresource HTTP/1.1
Host: webhook.example.com
ce-specversion: 1.0
ce-type: com.example.crime
ce-time: 2018-04-05T03:56:24Z
ce-id: 1234-1234-1234
ce-source: /mycontext/subcontext
Content-Type: application/json; charset=utf-8

{crime}"""
STRUCTURED = """\
PUT /myresource HTTP/1.1
Host: webhook.example.com
Content-Type: application/cloudevents+json; charset=utf-8

{{
    "specversion" : "1.0",
    "type" : "com.example.crime",
    "source" : "/mycontext",
    "id" : "1234-1234-1234",

    "data" : {crime}
}}
"""
BATCHED = """\
PUT /myresource HTTP/1.1
Host: webhook.example.com
Content-Type: application/cloudevents-batch+json; charset=utf-8

[
    {{
        "specversion" : "1.0",
        "type" : "com.example.crime",
        "source" : "/mycontext",
        "id" : "1234-1234-1234",

        "data" : {crime}
    }},
    {{
        "specversion" : "1.0",
        "type" : "com.example.call",
        "source" : "/mycontext",
        "id" : "1234-1234-1235",

        "data" : {call}
    }}
]
"""
# JSON format, section 3.2: each event, and the same in binary mode.
EVENT = {
    "specversion": "1.0",
    "type": "com.example.crime",
    "source": "/mycontext",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
}
BINARY_VALUED = EVENT | {"id": "A234-1234-1234", "datacontenttype": "application/json", "data_base64": ENCODED}
OBJECT_VALUED = EVENT | {"id": "C234", "subject": None, "datacontenttype": "application/json", "data": CRIME}
IMPLIED = EVENT | {"id": "D234-1234-1234", "subject": None, "data": CRIME}
THRIFT = EVENT | {"id": "A234", "datacontenttype": "application/vnd.apache.thrift.binary", "data_base64": ENCODED}
XML = EVENT | {"id": "B234", "unsetextension": None, "datacontenttype": "application/xml", "data": '<much wow="xml"/>'}


def request(text):
    """A request as the specification prints it: its headers, their names in lower case, and its body."""
    head, _, body = text.format(crime=json.dumps(CRIME), call=json.dumps(CALL)).partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    return body.encode(), {name.lower(): value for name, value in headers.items()}


def structured(event):
    return json.dumps(event).encode(), {"content-type": "application/cloudevents+json"}


def batched(*events):
    return json.dumps(events).encode(), {"content-type": "application/cloudevents-batch+json"}


def in_binary_mode(event):
    """The event as the JSON format's examples are encoded again in HTTP binary mode."""
    attributes = {f"ce-{name}": str(value) for name, value in event.items() if not name.startswith("data")}
    headers = {name: value for name, value in attributes.items() if value != "None"}
    data = json.dumps(event["data"]).encode() if "data" in event else base64.b64decode(event["data_base64"])
    return data, headers | {"content-type": event.get("datacontenttype", "application/json")}


def read(body, headers):
    return cloudevents.read(
        body, headers, lambda _source, _field: None
    )  # whose the examples' sources are, is not asked


def taken(message):
    return [(topic, json.loads(bytes(data))) for topic, data in read(*message)]


@pytest.mark.parametrize("text", [BINARY, STRUCTURED])
def test_the_bindings_binary_and_structured_examples_are_read(text):
    assert taken(request(text)) == [(topics.CRIMES, CRIME)]


def test_the_bindings_batched_example_is_read():
    assert taken(request(BATCHED)) == [(topics.CRIMES, CRIME), (topics.CALLS, CALL)]


def test_the_batch_formats_example_is_read():
    assert taken(batched(BINARY_VALUED, OBJECT_VALUED | {"source": "/mycontext/9"})) == [(topics.CRIMES, CRIME)] * 2


def test_an_empty_batch_is_a_batch():
    assert taken(batched()) == []


@pytest.mark.parametrize("event", [BINARY_VALUED, OBJECT_VALUED, IMPLIED], ids=["binary", "object", "implied"])
def test_the_formats_examples_are_read_alike_in_structured_and_in_binary_mode(event):
    assert taken(structured(event)) == taken(in_binary_mode(event)) == [(topics.CRIMES, CRIME)]


@pytest.mark.parametrize("event", [THRIFT, XML], ids=["thrift", "xml"])
@pytest.mark.parametrize("encode", [structured, in_binary_mode])
def test_the_formats_examples_whose_data_is_not_json_are_refused_by_their_content_type(event, encode):
    with pytest.raises(Invalid, match="is not JSON; send application/json") as caught:
        read(*encode(event))
    assert caught.value.errors[0].field in {"datacontenttype", "ce-datacontenttype"}


def test_a_string_as_data_stays_a_string():
    assert taken(structured(IMPLIED | {"data": "I'm just a string"})) == [(topics.CRIMES, "I'm just a string")]


@pytest.mark.parametrize("media", ["cloudevents+avro", "cloudevents+xml", "cloudevents-batch+avro", "cloudevents"])
def test_another_event_format_is_refused_with_those_that_are_accepted(media):
    with pytest.raises(UnsupportedMedia, match=r"send application/cloudevents\+json or"):
        read(b"", request(BINARY)[1] | {"content-type": f"application/{media}"})


@pytest.mark.parametrize("media", ["text/json", "application/vnd.police+json", "APPLICATION/JSON; charset=UTF-8"])
def test_json_goes_by_many_names(media):
    body, headers = request(BINARY)
    assert taken((body, headers | {"content-type": media})) == [(topics.CRIMES, CRIME)]
    assert taken(structured(IMPLIED | {"datacontenttype": media})) == [(topics.CRIMES, CRIME)]


@pytest.mark.parametrize("media", ["json", "application/notjson", "application/xml; type=json"])
def test_what_only_looks_like_json_is_not(media):
    with pytest.raises(Invalid, match="is not JSON"):
        read(*structured(IMPLIED | {"datacontenttype": media}))


def test_an_attribute_that_need_not_be_there_may_be_null():
    nothing = dict.fromkeys(["datacontenttype", "dataschema", "subject", "time", "data_base64", "anything"])
    assert taken(structured(IMPLIED | nothing)) == [(topics.CRIMES, CRIME)]


def test_the_content_type_alone_says_what_the_data_are_in_binary_mode():
    body, headers = request(BINARY)
    with pytest.raises(Invalid, match="ce-datacontenttype: must not be sent in binary mode"):
        read(body, headers | {"ce-datacontenttype": "application/json"})


@pytest.mark.parametrize(("name", "value"), [("time", "yesterday"), ("time", "2018-04-05T17:31:00"), ("subject", "")])
def test_an_attribute_that_need_not_be_there_is_right_where_it_is(name, value):
    for message, field in (
        (structured(IMPLIED | {name: value}), name),
        (in_binary_mode(IMPLIED | {name: value}), f"ce-{name}"),
    ):
        with pytest.raises(Invalid, match="not a") as caught:
            read(*message)
        assert [error.field for error in caught.value.errors] == [field]


# Section 3.1.3.2: the first is the specification's own.
HEADER_VALUES = {
    "Euro%20%E2%82%AC%20%F0%9F%98%80": "Euro € 😀",
    "%e2%82%ac": "€",
    "%41%42c": "ABc",
    "100%25": "100%",
    "%2541": "%41",
    '"older senders quote"': "older senders quote",
    r'"a \"word\" and a \\"': 'a "word" and a \\',
    '"quoted%20and%20encoded"': "quoted and encoded",
    'part "of it" quoted': "part of it quoted",
    "/mycontext/subcontext": "/mycontext/subcontext",
    "(no comment)": "(no comment)",
    '""': "",
}
WRONG_VALUES = {
    "%C0%A0": "not UTF-8",
    "%ED%A0%80": "not UTF-8",
    "%FF": "not UTF-8",
    "50%": "two hexadecimal digits",
    "%zz": "two hexadecimal digits",
    "%0A": "control characters",
    "%C2%85": "control characters",
    "caf\u00e9": "percent-encode its UTF-8",
    '"unclosed': "not closed",
    r'"unclosed\"': "not closed",
}


@pytest.mark.parametrize("value", HEADER_VALUES)
def test_a_headers_value_is_unquoted_then_percent_decoded_once(value):
    assert text_of(value) == HEADER_VALUES[value]


@pytest.mark.parametrize("value", WRONG_VALUES)
def test_a_headers_value_that_encodes_no_text_is_refused_by_its_name(value):
    body, headers = request(BINARY)
    with pytest.raises(Invalid, match=WRONG_VALUES[value]) as caught:
        read(body, headers | {"ce-id": value})
    assert [error.field for error in caught.value.errors] == ["ce-id"]


@pytest.mark.parametrize("name", ["id", "source", "subject"])
@pytest.mark.parametrize("control", ["\n", "\x00", "\x7f", "\x85"])
def test_no_attribute_has_control_characters_in_structured_mode_either(name, control):
    event = {"specversion": "1.0", "id": "1", "source": "/sources/met", "type": "oversight.crime.v1", "data": CRIME}
    body = json.dumps([event, event | {name: f"a{control}b"}]).encode()
    with pytest.raises(Invalid, match="must not contain control characters") as caught:
        read(body, {"content-type": "application/cloudevents-batch+json"})
    assert [error.field for error in caught.value.errors] == [f"[1].{name}"]


def test_a_text_of_any_language_is_no_control_character():
    event = {"specversion": "1.0", "id": "\u00e9\u00a0\u200b\U0001f600", "source": "/sources/met"}
    event |= {"type": "oversight.crime.v1", "data": CRIME}
    assert taken((json.dumps(event).encode(), {"content-type": "application/cloudevents+json"}))


def test_a_type_is_known_by_its_decoded_text():
    body, headers = request(BINARY)
    assert taken((body, headers | {"ce-type": '"com.example.%63rime"'})) == [(topics.CRIMES, CRIME)]
