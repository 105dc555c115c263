"""Within a version events change by addition only: whatever was published can be read, and means the same."""

import json
from copy import deepcopy
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest

from shared.events import RECORD_TYPES, decode, notice_message, record_message
from shared.events.codec import CE_TYPES
from shared.events.schemas import event_schemas
from tests.contract.evolution import EXPLAINS, breaks

NAMED = {"properties", "$defs"}
HISTORY = Path(__file__).with_name("history")
TOPICS = {event: topic for topic, event in CE_TYPES.items()}
SCHEMAS = sorted(HISTORY.glob("*/*.schema.json"))
MESSAGES = [
    pytest.param(path.parent.name, message, id=f"{path.parent.name}-{path.stem}-{number}")
    for path in sorted(HISTORY.glob("*/*.messages.json"))
    for number, message in enumerate(json.loads(path.read_text()))
]


def release(path):
    return tuple(map(int, path.name.split(".")[:3]))


def published(event, name="schema"):
    """The files of an event, the earliest release first."""
    return sorted((HISTORY / event).glob(f"*.{name}.json"), key=release)


@pytest.mark.parametrize(("event", "message"), MESSAGES)
def test_what_was_published_is_read_today_and_nothing_of_it_is_lost(event, message):
    read = decode(TOPICS[event], json.dumps(message["value"]).encode())
    again = json.loads(msgspec.json.encode(read))
    assert message["value"].items() <= again.items()


@pytest.mark.parametrize(("event", "message"), MESSAGES)
def test_what_was_published_has_the_same_key_and_id_today(event, message):
    read = decode(TOPICS[event], json.dumps(message["value"]).encode())
    source = message["headers"]["ce_source"].removeprefix("/sources/")
    today = (record_message if TOPICS[event] in RECORD_TYPES else notice_message)(read, source)
    assert today.key.decode() == message["key"]
    assert {name: value.decode() for name, value in today.headers}.items() >= message["headers"].items()


@pytest.mark.parametrize(("event", "message"), MESSAGES)
def test_what_was_published_is_right_to_todays_schema(event, message):
    jsonschema_rs.Draft202012Validator(event_schemas()[event], validate_formats=True).validate(message["value"])


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_todays_schema_is_every_earlier_one_with_additions(path):
    assert breaks(json.loads(path.read_text()), event_schemas()[path.parent.name]) == []


@pytest.mark.parametrize("event", TOPICS)
def test_the_last_that_is_kept_of_an_event_is_todays(event):
    kept = json.loads(published(event)[-1].read_text())
    explained = f"the model of {event} has changed: see tests/contract/history/README.md"
    assert essence(kept) == essence(event_schemas()[event]), explained
    assert [release(path) for path in published(event)] == [release(path) for path in published(event, "messages")]


def test_a_change_of_any_kind_asks_for_a_new_release_to_be_kept():
    assert essence(changed(beat={"type": "string"})) != essence(CRIME)
    assert essence(changed(title={"type": "string"})) != essence(CRIME)
    assert essence(CRIME | {"description": "other words"}) == essence(CRIME)


def test_every_event_is_kept_with_all_its_fields_and_with_the_least():
    assert {path.parent.name for path in SCHEMAS} == set(CE_TYPES.values())
    for path in SCHEMAS:
        schema = json.loads(path.read_text())
        messages = json.loads(published(path.parent.name, "messages")[-1].read_text())
        names = [message["value"].keys() for message in messages]
        assert set(schema["required"]) <= set.intersection(*map(set, names))
        left_out = schema["properties"].keys() - set.union(*map(set, names))
        assert left_out <= {"dataset", "revision", "abandoned", "section_60", "ethnicity_self"}, "shown by no example"


def essence(schema):
    """A schema without what only explains; the names of fields and of parts are no such words."""
    if not isinstance(schema, dict):
        return schema
    named = {word: {name: essence(each) for name, each in schema.get(word, {}).items()} for word in NAMED}
    return {word: essence(each) for word, each in schema.items() if word not in EXPLAINS | NAMED} | named


CRIME = event_schemas()["oversight.crime.v1"]
FIELDS = CRIME["properties"]


def changed(**fields):
    """The crime's schema with fields changed, added or (None) removed."""
    new = deepcopy(CRIME)
    new["properties"] = {name: each for name, each in (new["properties"] | fields).items() if each is not None}
    return new


REFUSED = {
    "a field removed": (changed(flags=None), "flags: removed"),
    "a field renamed": (changed(flags=None, tags=FIELDS["flags"]), "flags: removed"),
    "another type": (changed(area={"type": "integer"}), "area: type was string"),
    "null no longer": (changed(outcome={"$ref": "#/$defs/Outcome", "default": None}), "outcome: type was null"),
    "an integer of what was any number": (CRIME | {"type": "array"}, "type was object"),
    "a value less": (changed(status={"enum": ["recorded"]}), "status: no longer 'cancelled'"),
    "a choice of what was free": (changed(area={"enum": ["E09000007"]}), "area: only ['E09000007']"),
    "a lower maximum": (changed(revision=FIELDS["revision"] | {"maximum": 9}), "revision: maximum was"),
    "a higher minimum": (changed(revision=FIELDS["revision"] | {"minimum": 2}), "revision: minimum was 1"),
    "a bound where none was": (changed(recorded_on=FIELDS["recorded_on"] | {"maxLength": 9}), "maxLength was None"),
    "another pattern": (changed(dataset=FIELDS["dataset"] | {"pattern": "^x$"}), "dataset: pattern was"),
    "another default": (changed(dataset=FIELDS["dataset"] | {"default": "x"}), "dataset: default was 'live'"),
    "no default": (changed(dataset={"type": "string"}), "dataset: default was 'live'"),
    "true for one": (changed(revision=FIELDS["revision"] | {"default": True}), "revision: default was 1"),
    "newly required": (CRIME | {"required": [*CRIME["required"], "flags"]}, "flags: newly required"),
    "a new field that is required": (
        changed(beat={"type": "string"}) | {"required": [*CRIME["required"], "beat"]},
        "beat: newly required",
    ),
    "items narrowed": (
        changed(flags=FIELDS["flags"] | {"items": {"type": "string", "maxLength": 9}}),
        "flags[]: maxLength was 200",
    ),
    "a part narrowed": (
        CRIME | {"$defs": CRIME["$defs"] | {"Outcome": CRIME["$defs"]["Outcome"] | {"required": ["type", "on", "by"]}}},
        "outcome.by: newly required",
    ),
    "a word that is not compared": (changed(area={"type": "string", "not": {}}), "area: compares no not"),
}
ALLOWED = {
    "nothing changed": CRIME,
    "other words": changed(area=FIELDS["area"] | {"description": "elsewhere"}),
    "a new field that need not be there": changed(beat={"type": "string", "default": ""}),
    "null as well": changed(area={"anyOf": [FIELDS["area"], {"type": "null"}]}),
    "another value": changed(status={"enum": ["recorded", "cancelled", "transferred"]}),
    "wider bounds": changed(area={"type": "string", "maxLength": 300}),
    "no bounds": changed(revision={"type": "number", "default": 1}),
    "required no longer": CRIME | {"required": ["crime_id"]},
}


@pytest.mark.parametrize("change", REFUSED)
def test_a_change_that_is_not_an_addition_is_found(change):
    new, complaint = REFUSED[change]
    assert any(complaint in found for found in breaks(CRIME, new)), breaks(CRIME, new)


@pytest.mark.parametrize("change", ALLOWED)
def test_an_addition_is_let_pass(change):
    assert breaks(CRIME, ALLOWED[change]) == []


def test_an_object_that_was_open_may_not_be_closed():
    alert = event_schemas()["oversight.alert.v1"]
    assert breaks(alert, alert | {"additionalProperties": False}) == [": additionalProperties newly restricted"]
