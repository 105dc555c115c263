import zlib
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import (
    RECORD_TYPES,
    ActionEvent,
    Alert,
    Call,
    Crime,
    CrimeCount,
    Indicator,
    NotificationEvent,
    Outcome,
    Stop,
    Undecodable,
    Victim,
    Window,
    decode,
    notice_message,
    record_message,
    topics,
)
from shared.events.codec import CE_TYPES

AT = datetime(2017, 6, 1, 11, 30, tzinfo=UTC)
RECORDS = [
    Crime(crime_id="c/1", status="recorded", recorded_on="2017-06", area="E09000007", offence="rape"),
    Crime(
        crime_id="é|2",
        revision=2**63 - 1,
        status="cancelled",
        recorded_on="2017-06-01",
        area="unknown",
        offence="homicide",
        flags=("knife-crime",),
        victims=(Victim(age=17), Victim(age="18-24", sex="F", ethnicity="A1")),
        outcome=Outcome(type="charged", on="2017-07"),
        dataset="demo",
    ),
    Call(call_id="1", received_at=AT, line=999, kind="asb", category="noise", area="E09000007", abandoned=True),
    Stop(stop_id="1", stopped_at=AT, area="E09000007", power="pace-section-1", object="drugs", outcome="arrest"),
    Indicator(
        indicator="good-job",
        area="E12000007",
        period="2016-17",
        breakdown={"sex": "F", "age": "16-24"},
        value=67.5,
        unit="percent",
        numerator=2.0,
        status="final",
    ),
    CrimeCount(area="E09000007", offence="rape", flags=("a", "b"), month="2017-06", count=0),
]
NOTICES = [
    Alert(
        alert_id="a1",
        incident_id="i1",
        rule="robbery-up",
        state="raised",
        title="Robbery",
        text="up",
        owner="MPS",
        measure="total-robbery",
        area="E12000007",
        dataset="live",
        window=Window(first=date(2017, 6, 1), last=date(2017, 6, 30)),
        value=None,
        baseline=1.5,
        percent_change=None,
        link="/",
        at=AT,
    ),
    ActionEvent(
        event_id="e1",
        action_id="a7",
        kind="overdue",
        board="b",
        number=None,
        text="t",
        owners=("MPS", "MOPAC"),
        status="open",
        due_on=date(2023, 3, 1),
        days_overdue=3,
        as_of=date(2023, 3, 4),
        link="/",
        at=AT,
    ),
    NotificationEvent(notification_id="n1", owner="MPS", subject="s", status="sent", channel="mail", cause="c", at=AT),
]


def message_of(event):
    return notice_message(event, "metrics") if event in NOTICES else record_message(event, "met")


@pytest.mark.parametrize("event", [*RECORDS, *NOTICES], ids=lambda event: type(event).__name__)
def test_an_event_is_the_same_after_its_journey(event):
    message = message_of(event)
    assert decode(message.topic, message.value) == event


@pytest.mark.parametrize("event", [*RECORDS, *NOTICES], ids=lambda event: type(event).__name__)
def test_a_message_is_a_cloudevent_in_binary_mode(event):
    message = message_of(event)
    headers = dict(message.headers)
    assert len(headers) == len(message.headers)
    assert headers.keys() == {"ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"}
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_type"].decode() == CE_TYPES[message.topic]
    assert headers["ce_source"] == (b"/sources/metrics" if event in NOTICES else b"/sources/met")
    assert headers["content-type"] == b"application/json"


def test_every_topic_has_a_type_of_its_own():
    assert CE_TYPES.keys() == set(topics.ALL_TOPICS)
    assert len(set(CE_TYPES.values())) == len(CE_TYPES)


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (RECORDS[0], "met/live/c/1"),
        (RECORDS[1], "met/demo/é|2"),
        (RECORDS[2], "met/live/1"),
        (RECORDS[3], "met/live/1"),
        (RECORDS[4], "met/live/good-job|E12000007|age=16-24,sex=F|2016-17"),
        (RECORDS[5], "met/live/E09000007|rape|a+b|2017-06"),
    ],
)
def test_a_record_is_keyed_by_its_source_its_dataset_and_its_id(event, key):
    assert record_message(event, "met").key == key.encode()


def test_revisions_of_a_record_share_a_key_and_differ_in_their_event_id():
    first = RECORDS[0]
    second = msgspec.structs.replace(first, revision=2, offence="homicide")
    one, two = record_message(first, "met"), record_message(second, "met")
    assert one.key == two.key
    assert dict(one.headers)["ce_id"] == b"live/c/1/1"
    assert dict(two.headers)["ce_id"] == b"live/c/1/2"


def test_the_story_of_what_a_notice_is_about_stays_in_order():
    assert [notice_message(notice, "x").key for notice in NOTICES] == [b"robbery-up", b"a7", b"n1"]


def test_a_notification_that_changes_its_status_is_another_event():
    sent = NOTICES[2]
    failed = msgspec.structs.replace(sent, status="failed")
    ids = {dict(notice_message(notice, "notify").headers)["ce_id"] for notice in (sent, failed)}
    assert len(ids) == 2


@given(*[st.dictionaries(st.text(min_size=1, max_size=6), st.text(min_size=1, max_size=6), max_size=3)] * 2)
def test_indicators_of_different_breakdowns_are_different_records(one, other):
    ids = {msgspec.structs.replace(RECORDS[4], breakdown=breakdown).record_id for breakdown in (one, other)}
    assert len(ids) == (1 if one == other else 2)


def test_a_breakdown_cannot_pose_as_another():
    parts = [{"a": "1,b=2"}, {"a": "1", "b": "2"}, {"a": "1%2Cb%3D2"}]
    assert len({msgspec.structs.replace(RECORDS[4], breakdown=each).record_id for each in parts}) == 3


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "the message has no value"),
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[1]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `crime_id`"),
        (b'{"crime_id": 7}', "Expected `str`, got `int` - at `$.crime_id`"),
        (b'{"colour": "red"}', "unknown field `colour`"),
        (b"\xff\xfe", "malformed"),
        (b'{"crime_id": "\xff"}', "utf-8"),
    ],
    ids=range(9),
)
def test_what_is_no_event_of_its_topic_is_undecodable_and_says_why(value, reason):
    with pytest.raises(Undecodable) as caught:
        decode(topics.CRIMES, value)
    assert reason.lower() in str(caught.value).lower()


@pytest.mark.parametrize("topic", RECORD_TYPES)
@pytest.mark.parametrize("field", ["dataset", "id"])
def test_a_line_feed_ends_no_dataset_and_no_id(topic, field):
    event = next(each for each in RECORDS if type(each) is RECORD_TYPES[topic])
    body = msgspec.to_builtins(event) | {"dataset": "live"}
    names = [name for name in body if name.endswith("_id")] if field == "id" else ["dataset"]
    for name in names:
        assert decode(topic, msgspec.json.encode(body | {name: "good"}))
        with pytest.raises(Undecodable, match=name):
            decode(topic, msgspec.json.encode(body | {name: "good\n"}))


@pytest.mark.parametrize("field", ["flags", "victims"])
def test_an_event_stays_below_the_size_that_kafka_takes(field):
    part = {"flags": "\x01" * 200, "victims": {"sex": "\x01" * 200, "ethnicity": "\x01" * 200}}[field]
    most = {"flags": 50, "victims": 200}[field]
    body = msgspec.to_builtins(RECORDS[0])
    event = decode(topics.CRIMES, msgspec.json.encode(body | {field: [part] * most}))
    assert len(record_message(event, "met").value) < 1_000_000
    with pytest.raises(Undecodable, match=field):
        decode(topics.CRIMES, msgspec.json.encode(body | {field: [part] * (most + 1)}))


@pytest.mark.parametrize(("key", "crc"), [(b"123456789", 0xCBF43926), (b"", 0), (b"a", 0xE8B7BE43)])
def test_a_partition_is_the_standard_crc_32_of_the_key(key, crc):
    assert zlib.crc32(key) == crc
    assert [topics.partition_of(key, count) for count in (1, 4, 7, 12)] == [crc % n for n in (1, 4, 7, 12)]


def test_every_topic_has_its_own_dead_letters():
    assert topics.dead_letter_topic(topics.CRIMES) == f"{topics.CRIMES}.dlq"
