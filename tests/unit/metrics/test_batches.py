"""What a batch of messages says: whose records they are, and which of them cannot be counted."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from aiokafka import TopicPartition

from services.metrics.consumer import readers
from services.metrics.projector import Projector, _batch
from services.metrics.rows import day_number
from services.metrics.states import NAME_BYTES
from services.metrics.steps import NOTHING
from shared.clock import FixedClock
from shared.events import Crime, record_message, topics
from shared.reference import reference

READERS = readers(reference())
CLOCK = FixedClock(datetime(2024, 6, 1, tzinfo=UTC))
VALUE = b'{"recorded_on":"2017-06","area":"unknown","offence":"arson","status":"recorded"%b}'
CALL = b'{"received_at":"2017-06-30T10:00:00Z","line":%b,"category":"anti-social-behaviour","area":"unknown"}'


def message(key=b"source/live/c1", value=VALUE % b"", offset=0):
    return SimpleNamespace(key=key, value=value, offset=offset)


def of(number, source, dataset):
    crime = Crime(
        crime_id=str(number), status="recorded", recorded_on="2017-06", area="unknown", offence="arson", dataset=dataset
    )
    return message(*record_message(crime, source)[1:3], offset=number)


class Kept:
    def __init__(self):
        self.reasons = []

    async def put(self, rejected):
        self.reasons += [reason for _, reason in rejected]


async def step(*messages, topic=topics.CRIMES):
    kept = Kept()
    store = SimpleNamespace(states=nothing_stored)
    found = await Projector(store, READERS, kept, CLOCK)._step(TopicPartition(topic, 0), messages)
    return found, kept.reasons


async def nothing_stored(_partition, names, dtype):
    return np.zeros(len(names) // NAME_BYTES, dtype)


@pytest.mark.parametrize(
    "streams",
    [
        [("a", "live"), ("a", "live")],
        [("a", "live"), ("b", "live")],
        [("a", "live"), ("a", "history")],
        [("a", "live"), ("b", "history"), ("a", "live")],
        [("a", "live"), ("a", "liverpool"), ("ab", "live")],
    ],
    ids=str,
)
def test_each_record_belongs_to_its_source_and_dataset(streams):
    batch = _batch(READERS[topics.CRIMES], [of(n, *stream) for n, stream in enumerate(streams)])
    assert [batch.stream_names[place] for place in batch.streams] == ["/".join(stream) for stream in streams]
    assert batch.states["day"].tolist() == [day_number("2017-06")] * len(streams)


@pytest.mark.parametrize(
    ("unfit", "told"),
    [
        (message(key=None), "no key"),
        (message(key=b""), "no key"),
        (message(key=b"\xff/live/c1"), "UTF-8"),
        (message(key=b"/live/c1"), "<source>/live/<record>"),
        (message(key=b"source"), "<source>/live/<record>"),
        (message(key=b"source/history/c1"), "<source>/live/<record>"),
        (message(value=None), "no value"),
        (message(value=VALUE % b',"victims":[{"sex":"\xff"}]'), "utf-8"),
        *((message(value=VALUE % b',"victims":[{"x":%b%b}]' % (b"[" * n, b"]" * n)), "recursion") for n in (989, 2000)),
    ],
    ids=lambda each: repr(each)[:60],
)
async def test_one_message_that_cannot_be_counted_is_put_aside_and_the_others_are_counted(unfit, told):
    found, reasons = await step(of(1, "a", "live"), unfit, of(2, "a", "live"))
    assert len(reasons) == 1
    assert told in reasons[0]
    assert found.arrivals["a/live"].records == 2


async def test_no_depth_of_nesting_ends_the_process():
    for depth in range(1000, 600, -1):  # the deepest that can be passed over, and just cannot be read, is among them
        nested = b"[" * depth + b"]" * depth
        found, reasons = await step(of(1, "a", "live"), message(value=VALUE % b',"victims":[{"x":%b}]' % nested))
        assert sum(each.records for each in found.arrivals.values()) + len(reasons) == 2


async def test_a_batch_of_which_nothing_can_be_counted_is_no_step():
    found, reasons = await step(message(key=None), message(value=b"{"))
    assert found == NOTHING
    assert len(reasons) == 2


@pytest.mark.parametrize(("line", "fit"), [(b"999", 1), (b'"101"', 1), (b"112", 0), (b'"phone"', 0)])
async def test_a_call_comes_in_on_a_line_that_there_is(line, fit):
    found, reasons = await step(message(value=CALL % line), topic=topics.CALLS)
    assert (len(found.arrivals), len(reasons)) == (fit, 1 - fit)
