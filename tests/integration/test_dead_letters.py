"""Dead letters are listed, shown, replayed once, or dropped, on either stack."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from local.dead_letters.drop import drop, drop_all
from local.dead_letters.letters import open_box
from local.dead_letters.replay import replay
from local.errors import LocalError
from shared.clock import Clock
from shared.events import Message, topics
from shared.events.topics import partition_of, record_key
from shared.kafka import DeadLetters, Publisher
from shared.kafka.bare import Bare

TOPIC = topics.STOPS  # the broker is shared with other tests: what is asserted is about this test's own keys
HEADERS = (("ce_id", b"live/1/1"), ("ce_type", b"oversight.stop.v1"), ("empty", b""))


@pytest.fixture
async def publisher(parts):
    publisher = Publisher(parts.bootstrap, "tests")
    await publisher.start()
    yield publisher
    await publisher.stop()


@pytest.fixture
async def put_aside(publisher):
    """Put aside as many messages as asked for, and answer their keys."""

    async def put(number):
        keys = [record_key("tests", "live", uuid4().hex) for _ in range(number)]
        rejected = [(_record(key, place), f"no such field {place}") for place, key in enumerate(keys)]
        await DeadLetters(publisher, "oversight.metrics", Clock()).put(rejected)
        return keys

    return put


def _record(key, place):
    fields = {"topic": TOPIC, "partition": 2, "offset": place, "key": key, "value": b'{"not": "a stop"'}
    return SimpleNamespace(**fields, headers=HEADERS)


async def listed(parts, keys, *, everything=False):
    async with open_box(parts.bootstrap, [TOPIC]) as box:
        return [letter async for letter in box.letters(everything=everything) if letter.key in keys]


async def published(parts, keys):
    async with AIOKafkaConsumer(bootstrap_servers=parts.bootstrap, auto_offset_reset="none") as consumer:
        partitions = [TopicPartition(TOPIC, number) for number in range(4)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        for partition, start in (await consumer.beginning_offsets(partitions)).items():
            consumer.seek(partition, start)
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [record for record in records if record.key in keys]
        return found


async def test_a_dead_letter_is_listed_with_its_place_reason_and_own_bytes(parts, put_aside):
    (key,) = await put_aside(1)
    (letter,) = await listed(parts, [key])
    assert (letter.topic, letter.key, letter.value) == (TOPIC, key, b'{"not": "a stop"')
    assert letter.about("reason") == "no such field 0"
    assert letter.about("consumer") == "oversight.metrics"
    assert (letter.about("partition"), letter.about("offset")) == ("2", "0")
    async with open_box(parts.bootstrap) as box:
        assert await box.letter(TOPIC, letter.partition, letter.offset) == letter


async def test_a_place_without_a_dead_letter_is_told(parts, put_aside):
    await put_aside(1)
    async with open_box(parts.bootstrap) as box:
        for place in ((0, 10**9), (99, 0)):
            with pytest.raises(LocalError, match="no dead letter"):
                await box.letter(TOPIC, *place)


async def test_replaying_publishes_the_original_message_where_its_key_belongs_and_only_once(parts, put_aside):
    keys = await put_aside(20)
    assert await replay(parts.bootstrap, [TOPIC]) >= 20
    assert await replay(parts.bootstrap, [TOPIC]) == 0
    records = await published(parts, keys)
    assert sorted(record.key for record in records) == sorted(keys)
    for record in records:
        assert (record.value, tuple(record.headers)) == (b'{"not": "a stop"', HEADERS)
        assert record.partition == partition_of(record.key, 4)


async def test_what_was_replayed_is_listed_only_when_everything_is_asked_for(parts, put_aside):
    old = await put_aside(3)
    await replay(parts.bootstrap, [TOPIC])
    new = await put_aside(2)
    assert {letter.key for letter in await listed(parts, [*old, *new])} == set(new)
    assert {letter.key for letter in await listed(parts, [*old, *new], everything=True)} == {*old, *new}


async def test_what_was_dropped_is_neither_listed_nor_replayed_and_its_reason_is_kept(parts, put_aside):
    keys = await put_aside(3)
    dropped, *kept = await listed(parts, keys)
    assert await drop(parts.bootstrap, TOPIC, dropped.partition, [dropped.offset], "a test of the upstream's") == 1
    assert {letter.key for letter in await listed(parts, keys)} == {letter.key for letter in kept}
    await replay(parts.bootstrap, [TOPIC])
    assert {record.key for record in await published(parts, keys)} == {letter.key for letter in kept}
    marks = {letter.key: letter.mark for letter in await listed(parts, keys, everything=True)}
    assert (marks[dropped.key].deed, marks[dropped.key].because) == ("dropped", "a test of the upstream's")
    assert {marks[letter.key].deed for letter in kept} == {"replayed"}
    async with open_box(parts.bootstrap, [TOPIC]) as box:
        shown = await box.letter(TOPIC, dropped.partition, dropped.offset)
    assert (shown.value, shown.mark) == (dropped.value, marks[dropped.key])


async def test_all_of_a_topic_are_dropped_at_once_and_later_ones_are_not(parts, put_aside):
    keys = await put_aside(20)
    assert await drop_all(parts.bootstrap, TOPIC, "garbage") >= 20
    assert await drop_all(parts.bootstrap, TOPIC, "garbage") == 0
    later = await put_aside(1)
    assert [letter.key for letter in await listed(parts, [*keys, *later])] == later


async def test_what_is_no_waiting_dead_letter_is_not_dropped_nor_are_those_named_with_it(parts, put_aside):
    keys = await put_aside(2)
    (gone, *_) = await listed(parts, keys)
    await drop(parts.bootstrap, TOPIC, gone.partition, [gone.offset], "garbage")
    with pytest.raises(LocalError, match=r"was dropped at .*: garbage"):
        await drop(parts.bootstrap, TOPIC, gone.partition, [gone.offset], "again")
    (left,) = await listed(parts, keys)
    with pytest.raises(LocalError, match="no dead letter of"):
        await drop(parts.bootstrap, TOPIC, left.partition, [left.offset, 10**9], "garbage")
    assert await listed(parts, keys) == [left]


async def test_the_mark_of_a_drop_is_no_dead_letter(parts, put_aside):
    (key,) = await put_aside(1)
    (letter,) = await listed(parts, [key])
    await drop(parts.bootstrap, TOPIC, letter.partition, [letter.offset], "garbage")
    async with open_box(parts.bootstrap, [TOPIC]) as box:
        assert all([each.about("consumer") async for each in box.letters(everything=True)])
        with pytest.raises(LocalError, match="no dead letter"):
            await box.letter(TOPIC, letter.partition, letter.offset + 1)


async def test_a_letter_that_looks_like_a_mark_is_a_letter(parts, publisher):
    key = record_key("tests", "live", uuid4().hex)
    record = SimpleNamespace(
        topic=TOPIC, partition=3, offset=0, key=key, value=b"{", headers=[("oversight_mark", b"dropped")]
    )
    await DeadLetters(publisher, "oversight.metrics", Clock()).put([(record, "no stop")])
    (letter,) = await listed(parts, [key])
    assert letter.original().headers == [("oversight_mark", b"dropped")]


async def test_a_fault_is_kept_with_the_end_of_its_stack_and_a_refusal_without(parts, publisher):
    def fail(depth):
        return fail(depth - 1) if depth else int("no number \udce9")

    keys = [record_key("tests", "live", uuid4().hex) for _ in range(2)]
    try:
        fail(500)
    except ValueError as fault:
        rejected = [(_record(keys[0], 0), fault), (_record(keys[1], 1), "no such field")]
    await DeadLetters(publisher, "oversight.metrics", Clock()).put(rejected)
    letters = {letter.key: letter for letter in await listed(parts, keys)}
    stack = letters[keys[0]].about("stack")
    assert len(stack) <= 8000
    assert 'return fail(depth - 1) if depth else int("no number' in stack
    assert "ValueError: invalid literal for int()" in stack[-200:]
    assert letters[keys[0]].about("reason").startswith("ValueError: invalid literal for int()")
    assert letters[keys[1]].about("stack") == ""


async def test_a_letter_says_whose_event_it_is(parts, publisher):
    key = record_key("tests", "live", uuid4().hex)
    record = SimpleNamespace(
        topic=TOPIC, partition=3, offset=1, key=key, value=b"{", headers=[("ce_source", b"/sources/met-cris")]
    )
    await DeadLetters(publisher, "oversight.metrics", Clock()).put([(record, "no stop")])
    (letter,) = await listed(parts, [key])
    assert letter.source == "met-cris"


async def test_a_kafka_that_does_not_answer_is_told():
    with pytest.raises(LocalError, match=r"127\.0\.0\.1:1"):
        async with open_box("127.0.0.1:1"):
            pytest.fail("there is nothing to open")


async def test_one_read_without_headers_is_put_aside_with_those_that_it_has_in_the_log(parts, publisher):
    keys = [record_key("tests", "live", uuid4().hex) for _ in range(3)]
    sent = [Message(TOPIC, key, b"no event", list(HEADERS)) for key in keys]
    await publisher.publish(sent)
    records = await published(parts, keys)
    gone = Bare(TOPIC, 0, 10**9, 0, record_key("tests", "live", uuid4().hex), b"no event")
    bare = [gone, *(Bare(each.topic, each.partition, each.offset, 0, each.key, each.value) for each in records)]
    await DeadLetters(publisher, "oversight.metrics", Clock()).put([(record, "no event") for record in bare])
    letters = {letter.key: letter for letter in await listed(parts, [gone.key, *keys])}
    assert letters.keys() == {gone.key, *keys}
    kept = {key: [each for each in letter.headers if not each[0].startswith("dlq_")] for key, letter in letters.items()}
    assert kept == {gone.key: [], **{key: list(HEADERS) for key in keys}}


@pytest.mark.parametrize(
    ("has_key", "value", "headers"),
    [(True, None, []), (True, b"", [("h", None)]), (False, b"{", [("h", b""), ("h", None)]), (False, None, [])],
)
async def test_what_is_missing_of_a_message_is_neither_empty_in_its_letter_nor_replayed_as_empty(
    parts, publisher, has_key, value, headers
):
    mark = ("test", uuid4().hex.encode())  # a message without a key is known by this
    key = record_key("tests", "live", uuid4().hex) if has_key else None
    record = SimpleNamespace(topic=TOPIC, partition=1, offset=0, key=key, value=value, headers=[mark, *headers])
    await DeadLetters(publisher, "oversight.metrics", Clock()).put([(record, "no stop")])
    (letter,) = [each for each in await listed(parts, [key]) if mark in each.headers]
    assert (letter.key, letter.value) == (key, value)
    assert letter.original().headers == [mark, *headers]
    await replay(parts.bootstrap, [TOPIC])
    (again,) = [each for each in await published(parts, [key]) if mark in each.headers]
    assert (again.key, again.value, list(again.headers)) == (key, value, [mark, *headers])
