"""Whatever is judged faster is judged alike: lines all at once, models without their patterns, members only counted."""

import json
import sys
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from services.ingest import settled as settled_module
from services.ingest.acceptance import judge, judge_many
from services.ingest.intake import Intake
from services.ingest.repeats import Repeated, refuse_repeats
from services.ingest.settled import PARTS, Settled, Values
from services.ingest.shapes import SHAPES, _is_dataset, columns_of
from shared.clock import FixedClock
from shared.events import RECORD_TYPES, topics
from shared.events.examples import RECORDS
from shared.reference import reference
from tests.unit.ingest.conftest import RIGHT, TODAY

# Values for each field: as published, in need of resolving, and wrong.
TEXTS = ["", "x", "a\nb", "\x7f", "é\u2028", "x" * 200, "x" * 201, 7, None]
DAYS = ["2017-06-01", "2017-06", "2017-13", "1989-12-31", "2017-07-11", "2017-07-12", "soon"]
MOMENTS = ["2017-06-01T12:00:00Z", "2017-06-01T12:00:00+0100", "2017-06-01t12:00:00z", "1989-01-01T00:00:00Z", "now"]
AREAS = ["E09000007", "Camden", "E12000007", "unknown", "Atlantis"]
OFFENCES = ["theft-from-the-person", "Theft from the person", "rape", "thft"]
VALUES = {
    **dict.fromkeys(["crime_id", "call_id", "stop_id", "unit", "sex", "ethnicity_self"], TEXTS),
    **dict.fromkeys(["recorded_on", "month"], DAYS),
    **dict.fromkeys(["received_at", "stopped_at"], MOMENTS),
    "dataset": ["bench", "live", "Live", "a/b", "live\n", "x" * 40, "x" * 41],
    "revision": [1, 2, 0, 2**63 - 1, 2**63, 1.0],
    "area": AREAS,
    "offence": OFFENCES,
    "flags": [[], ["knife-crime"], ["knife-injury"], ["knife-crime", "knife-injury"], ["knife", "knife"], ["x"]],
    "victims": [[], [{}], [{"age": 18}, {"age": "18-24"}], [{"age": "young"}], [{"name": "x"}]],
    "outcome": [None, {"type": "charged", "on": "2017-06"}, {"type": "Charged", "on": "soon"}],
    "status": ["recorded", "cancelled", "final", "draft"],
    "line": [999, 101, "999", "101", 112],
    "kind": ["crime", "asb", "other"],
    "category": ["robbery", "Robbery", "noise", "x"],
    "grade": ["I", None, "X"],
    "power": ["pace-section-1", "PACE section 1", "x"],
    "object": ["controlled-drugs", "Controlled drugs"],
    "age": [17, "18-24", "young"],
    "indicator": ["good-job", "Good job"],
    "period": ["2016-17", "2017-18-Q1", "last year"],
    "breakdown": [{}, {"b": "1", "a": "2"}, {"": "x"}],
    "value": [1.5, 2, "x"],
    "count": [0, 3, -1],
    "colour": ["red"],
}


@st.composite
def bodies(draw, most=4):
    """A topic, and texts of events of it, most of them right, some as they are published."""
    topic = draw(st.sampled_from(sorted(RIGHT)))
    fields = (*RECORD_TYPES[topic].__struct_fields__, "colour")
    texts = []
    for _ in range(draw(st.integers(1, most))):
        changed = draw(st.sets(st.sampled_from([name for name in fields if name in VALUES]), max_size=3))
        texts.append(written(topic, {name: draw(st.sampled_from(VALUES[name])) for name in sorted(changed)}))
    return topic, texts


def written(topic, changes):
    """The right event with `changes`, as it is published where that can be, else as it was sent."""
    text = msgspec.json.encode(RIGHT[topic] | changes)
    verdict = judge([(topic, text)], reference(), TODAY)
    if verdict.rejected or changes.get("area") == "Camden":
        return text
    return verdict.written[0]


def told(verdict):
    return msgspec.to_builtins((verdict.accepted, verdict.topics, verdict.written, verdict.rejected))


@settings(deadline=None)  # the machine may be busy with something else
@given(bodies(), bodies())
def test_events_judged_together_are_judged_as_one_by_one_whatever_was_judged_before(first, second):
    settled = Settled(reference(), TODAY)
    for topic, texts in (first, second):
        together = judge_many(topic, texts, reference(), settled)
        assert told(together) == told(judge([(topic, text) for text in texts], reference(), TODAY))


def test_what_is_in_order_today_was_not_the_day_before():
    line = written(topics.CRIMES, {"area": "E09000007", "recorded_on": "2017-07-11"})
    assert judge_many(topics.CRIMES, [line], reference(), Settled(reference(), TODAY)).accepted
    assert judge_many(topics.CRIMES, [line], reference(), Settled(reference(), date(2017, 7, 9))).rejected


def test_what_is_settled_is_known_anew_from_londons_midnight_on():
    clock = FixedClock(datetime(2017, 1, 1, tzinfo=UTC))
    intake = Intake(None, None, None, reference(), clock)
    of_the_12th = written(topics.CRIMES, {"area": "E09000007", "recorded_on": "2017-07-12"})
    for moment, is_right in (
        ("2017-07-10T22:59:59.999999+00:00", False),  # in July London is an hour ahead
        ("2017-07-10T23:00:00+00:00", True),
        ("2017-07-11T22:59:59+00:00", True),
        ("2017-07-10T22:59:59+00:00", False),  # the clock was put right
        ("2017-12-10T12:00:00+00:00", True),
    ):
        clock.set(datetime.fromisoformat(moment))
        verdict = intake.judge(topics.CRIMES, of_the_12th, of_lines=False, most=1)
        assert bool(verdict.accepted) == is_right, moment


@pytest.mark.parametrize("topic", RECORDS)
def test_a_published_event_needs_no_resolving_and_one_that_does_leaves_the_others_alone(topic):
    events = [RECORDS[topic], msgspec.structs.replace(RECORDS[topic], area="Camdem"), RECORDS[topic]]
    settled = Settled(reference(), TODAY)
    assert list(settled.odd(topic, columns_of(events))) == [1]
    assert [settled.knows(topic, event) for event in events] == [True, False, True]


def held(value):
    """Bytes, about, of what a cache holds."""
    inner = value if isinstance(value, tuple | set) else astuple(value) if isinstance(value, msgspec.Struct) else ()
    return sys.getsizeof(value) + sum(map(held, inner))


def odd_values():
    """Endless values of fields that come from outside, short and long."""
    for number in range(1500):
        yield topics.CRIMES, {"recorded_on": f"{number}" + "x" * 20_000}
        yield topics.CRIMES, {"victims": [{"age": number % 130, "sex": f"{number}" + "é" * 150}] * 150}
        yield topics.CRIMES, {"victims": [{"age": number % 130, "sex": f"{number}" + "x" * 150}]}
        yield topics.CRIMES, {"flags": [f"{number}-{each}" for each in range(40)]}
        yield topics.CRIMES, {"area": f"{number}" + "x" * 190}


def test_what_is_remembered_of_values_is_bounded_whatever_is_posted(monkeypatch):
    monkeypatch.setattr(settled_module, "_REMEMBERED_BYTES", 100_000)
    settled = Settled(reference(), TODAY)
    for topic, changes in odd_values():
        judge_many(topic, [msgspec.json.encode(RIGHT[topic] | changes)], reference(), settled)
    parts = [part for part in settled._parts[topics.CRIMES] if isinstance(part, Values)]
    assert all(held(part._settled) + held(part._unsettled) < 20 * 100_000 for part in parts)
    right = msgspec.json.encode(RIGHT[topics.CRIMES])
    assert judge_many(topics.CRIMES, [right], reference(), settled).accepted


def test_values_that_were_forgotten_meanwhile_are_judged_alike(monkeypatch):
    monkeypatch.setattr(settled_module, "_REMEMBERED_BYTES", 200)
    settled = Settled(reference(), TODAY)
    lines = [written(topics.CRIMES, {"area": area, "offence": each}) for area in AREAS for each in OFFENCES]
    for _ in range(2):
        together = judge_many(topics.CRIMES, lines, reference(), settled)
        assert told(together) == told(judge([(topics.CRIMES, line) for line in lines], reference(), TODAY))


def test_a_dataset_without_end_is_not_remembered():
    before = _is_dataset.cache_info().misses
    for length in (41, 1_000_000):
        text = msgspec.json.encode(RIGHT[topics.CRIMES] | {"dataset": "x" * length})
        assert judge_many(topics.CRIMES, [text, text], reference(), Settled(reference(), TODAY)).rejected
    assert _is_dataset.cache_info().misses == before


def decoded(decode, text):
    try:
        return msgspec.to_builtins(decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)


@settings(deadline=None)  # the machine may be busy with something else
@given(bodies(most=1))
@example((topics.CRIMES, [b"{"]))
@example((topics.CRIMES, [b"7"]))
def test_without_its_patterns_a_model_says_the_same(body):
    topic, (text,) = body
    assert decoded(SHAPES[topic].decode, text) == decoded(msgspec.json.Decoder(RECORD_TYPES[topic]).decode, text)


def test_every_record_has_parts_that_its_terms_look_at():
    assert PARTS.keys() == RECORD_TYPES.keys()


def with_repeats(topic, text):
    """All texts of an object in which one member stands twice, whatever its value."""
    members = list(json.loads(text).items())
    for name, value in members:
        for again in (value, "x", 7, None):
            pairs = [*members, (name, again)]
            yield "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs) + "}"
            yield "{" + ",".join(f"{json.dumps(name)} :{json.dumps(value)}" for name, value in reversed(pairs)) + "}"


@settings(deadline=None)  # the machine may be busy with something else
@given(bodies(most=1))
@example((topics.CRIMES, [json.dumps(RIGHT[topics.CRIMES] | {"flags": ["knife-injury", "gun"]}).encode()]))
@example((topics.CALLS, [json.dumps(RIGHT[topics.CALLS] | {"received_at": "2017-06-01T12:00:00+0100"}).encode()]))
def test_a_member_that_stands_twice_is_never_accepted(body):
    topic, (text,) = body
    for repeated in with_repeats(topic, text):
        (rejected,) = judge([(topic, repeated.encode())], reference(), TODAY).rejected
        assert rejected.errors


def test_a_member_that_stands_twice_is_named():
    text = msgspec.json.encode(RIGHT[topics.CRIMES])[:-1] + b', "are\\u0061": "Camden"}'
    (rejected,) = judge([(topics.CRIMES, text)], reference(), TODAY).rejected
    assert [(each.field, each.message) for each in rejected.errors] == [("area", "stands more than once; send it once")]


@pytest.mark.parametrize("text", [b'{"a":{"b":1,"b":1}}', b'[{"a":1},{"a":1,"a":2}]', b'{"a" :1,"a"\t: 2}'])
def test_a_repeat_is_found_wherever_it_stands(text):
    with pytest.raises(Repeated):
        refuse_repeats(text, msgspec.json.encode(msgspec.json.decode(text)))


def test_no_id_of_the_reference_data_has_a_colon_or_a_quote():
    # By these repeats.py tells that no member can stand twice: resolving must not bring in any.
    known = reference()
    vocabularies = (known.areas, known.offences, known.flags, known.outcomes, known.call_categories, known.indicators)
    stops = (known.stop_powers, known.stop_objects, known.stop_outcomes)
    assert not [term.id for each in (*vocabularies, *stops) for term in each if {":", '"', "\\"} & set(term.id)]
