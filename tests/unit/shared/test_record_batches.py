"""Our record batches are aiokafka's own, to the byte."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.events import Message
from shared.events.topics import partition_of
from shared.kafka.records import MAX_BATCH_BYTES, Form, RecordBatch, batches, body_of, size

NOW_MS = 1_500_000_000_123
PRODUCER = (7, 3, 11)
# Lengths on both sides of where a varint takes another byte, and of the sizes that are known beforehand.
TEXTS = st.builds(bytes.__mul__, st.sampled_from([b"x", b"\x00", b"\xff"]), st.sampled_from([0, 1, 63, 64, 4095, 8192]))
NAMES = st.text(max_size=70)
HEADERS = st.lists(st.tuples(NAMES, TEXTS), max_size=4)
MESSAGES = st.builds(Message, st.just("t"), TEXTS, TEXTS, HEADERS)


def builder_of_aiokafka(messages):
    builder = AIOKafkaProducer(max_batch_size=2**24).create_batch()
    for _, key, value, headers in messages:
        assert builder.append(timestamp=NOW_MS, key=key, value=value, headers=headers)
    return builder


def written(batch):
    batch._set_producer_state(*PRODUCER)
    return bytes(batch._build())


@pytest.fixture(autouse=True)
async def loop():
    """A producer of aiokafka is made within one."""


@settings(deadline=None)  # the machine may be busy with something else
@given(st.lists(MESSAGES, min_size=1, max_size=80))
@example([Message("t", b"k", b"v" * 300_000, [])])
async def test_a_batch_is_what_aiokafka_writes(messages):
    assert written(RecordBatch(list(map(body_of, messages)), NOW_MS)) == written(builder_of_aiokafka(messages))


async def test_so_is_one_of_more_records_than_places_are_known_beforehand():
    messages = [Message("t", b"%d" % number, b"", []) for number in range(9000)]
    assert written(RecordBatch(list(map(body_of, messages)), NOW_MS)) == written(builder_of_aiokafka(messages))


@settings(deadline=None)  # the machine may be busy with something else
@given(NAMES, HEADERS, st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=20), st.integers(1, 4))
def test_messages_of_one_form_are_written_as_each_by_itself_by_partition_and_in_order(first, others, parts, partitions):
    wanted = {}
    for key, value, header in parts:
        body = body_of(Message("t", key, value, [(first, header), *others]))
        wanted.setdefault(("t", partition_of(key, partitions)), []).append(body)
    assert Form.of(first, others).bodies(parts, "t", partitions) == wanted


@given(st.lists(st.sampled_from([1, 100_000, 300_000, MAX_BATCH_BYTES + 1]), min_size=1, max_size=9))
def test_batches_hold_all_records_in_order_and_as_many_as_there_is_room_for(lengths):
    bodies = [body_of(Message("t", b"%d" % number, b"v" * length, [])) for number, length in enumerate(lengths)]
    made = list(batches(bodies, NOW_MS))
    records = [list(MemoryRecords(written(batch)).next_batch()) for batch in made]
    assert [record.key for found in records for record in found] == [b"%d" % number for number in range(len(bodies))]
    assert [batch.record_count() for batch in made] == list(map(len, records))
    taken = 0
    for batch in made:
        held = bodies[taken : taken + batch.record_count()]
        taken += len(held)
        assert len(held) == 1 or size(held) <= MAX_BATCH_BYTES
        assert taken == len(bodies) or size([*held, bodies[taken]]) > MAX_BATCH_BYTES
        assert len(written(batch)) <= size(held) + 61


async def test_a_batch_takes_no_more_and_is_built_once():
    batch = RecordBatch([body_of(Message("t", b"k", b"v", []))], NOW_MS)
    assert batch.closed()
    assert batch.append(timestamp=None, key=b"k", value=b"v", headers=[]) is None
    before = written(batch)
    batch._set_producer_state(8, 0, 0)
    assert batch._build() == before
