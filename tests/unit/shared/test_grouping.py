"""Grouping, with a publisher that is told when to acknowledge and what to decline."""

import asyncio
import copy
import gc
import weakref
from collections import defaultdict

import pytest

from shared.errors import Unavailable
from shared.kafka.grouping import Grouping
from shared.kafka.publisher import Declined

PLACE, OTHER = ("oversight.crimes", 0), ("oversight.crimes", 1)


def routed(*values, place=PLACE):
    return {place: list(values)}


class FakeKafka:
    """Keeps what it is sent, once `opened`; declines a group that holds `b"bad"`, as Kafka does a batch."""

    def __init__(self):
        self.groups, self.log = [], defaultdict(list)
        self.opened = asyncio.Event()
        self.fault = None

    async def publish_routed(self, routed):
        self.groups.append(sum(map(len, routed.values())))
        await self.opened.wait()
        if self.fault:
            raise copy.copy(self.fault)
        if any(b"bad" in group for group in routed.values()):
            raise Declined("a bad one")
        for place, group in routed.items():
            self.log[place] += group
        return {place: len(self.log[place]) - 1 for place in routed}


@pytest.fixture
def kafka():
    return FakeKafka()


@pytest.fixture
async def grouping(kafka):
    grouping = Grouping(kafka, most_bytes=100, patience_seconds=30)
    yield grouping
    await grouping.stop()


def publishing(grouping, *values, size=1, place=PLACE):
    return asyncio.create_task(grouping.publish(routed(*values, place=place), size))


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_while_a_group_is_under_way_is_the_next_group_in_order(grouping, kafka):
    first = publishing(grouping, b"1")
    await settle()
    later = [publishing(grouping, b"2", b"3"), publishing(grouping, b"x", place=OTHER), publishing(grouping, b"4")]
    await settle()
    assert kafka.groups == [1]
    kafka.opened.set()
    assert await first == {PLACE: 0}
    assert [answer[PLACE] for answer in await asyncio.gather(*later)] == [3, 3, 3]
    assert (kafka.groups, dict(kafka.log)) == ([1, 4], {PLACE: [b"1", b"2", b"3", b"4"], OTHER: [b"x"]})
    assert grouping.held_bytes == 0


async def test_one_that_kafka_declines_fails_nobody_else(grouping, kafka):
    kafka.opened.set()
    tasks = [publishing(grouping, value) for value in (b"1", b"bad", b"2")]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[1], Declined)
    assert (answers[0], answers[2]) == ({PLACE: 0}, {PLACE: 1})
    assert kafka.log[PLACE] == [b"1", b"2"]
    assert grouping.held_bytes == 0


async def test_more_than_may_be_held_is_refused_at_once_and_taken_again_when_there_is_room(grouping, kafka):
    held = publishing(grouping, b"1", size=90)
    await settle()
    with pytest.raises(Unavailable, match="nothing was accepted"):
        await grouping.publish(routed(b"2"), 11)
    fitting = publishing(grouping, b"3", size=10)
    await settle()
    kafka.opened.set()
    await asyncio.gather(held, fitting)
    await grouping.publish(routed(b"4"), 1000)  # one share of any size is taken by itself
    assert kafka.log[PLACE] == [b"1", b"3", b"4"]


async def test_while_kafka_is_silent_callers_are_refused_in_time_and_what_was_not_sent_never_is(kafka):
    grouping = Grouping(kafka, most_bytes=100, patience_seconds=0.2)
    sent, waiting = publishing(grouping, b"1"), None
    await settle()
    waiting = publishing(grouping, b"2", size=99)
    answers = await asyncio.gather(sent, waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert grouping.held_bytes == 1  # what is under way may still be written
    kafka.opened.set()
    assert await grouping.publish(routed(b"3"), 1) == {PLACE: 1}
    assert kafka.log[PLACE] == [b"1", b"3"]
    await grouping.stop()


@pytest.mark.parametrize("fault", [Unavailable("gone"), RuntimeError("a fault of ours")])
async def test_a_group_that_fails_fails_for_each_and_the_next_goes_on(grouping, kafka, fault):
    kafka.opened.set()
    kafka.fault = fault
    tasks = [publishing(grouping, b"1"), publishing(grouping, b"2")]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(fault)] * 2
    assert answers[0] is not answers[1]  # or each would carry the other's traceback
    kafka.fault = None
    assert await grouping.publish(routed(b"3"), 1) == {PLACE: 0}
    assert grouping.held_bytes == 0


async def test_a_caller_who_has_gone_stops_nobody(grouping, kafka):
    gone, staying = publishing(grouping, b"1"), publishing(grouping, b"2")
    await settle()
    gone.cancel()
    kafka.opened.set()
    assert await staying == {PLACE: 1}


async def test_however_often_it_falls_idle_one_look_at_a_time_is_taken(grouping, kafka):
    loop, looks = asyncio.get_running_loop(), []
    kafka.opened.set()
    later = loop.call_later
    loop.call_later = lambda *asked: looks.append(asked) or later(*asked)
    try:
        for _ in range(20):
            await grouping.publish(routed(b"1"), 1)
            await settle()
    finally:
        del loop.call_later
    assert len(looks) == 1


class Records(list):
    """To which there can be weak references."""


async def refused(grouping, records):
    try:
        await grouping.publish({PLACE: records}, 1)
    except Unavailable:
        return
    pytest.fail("it was published")


@pytest.mark.parametrize("fault", [Unavailable("gone"), Declined("never"), None], ids=["gone", "declined", "silent"])
async def test_what_is_refused_is_let_go_of_without_the_garbage_collector(kafka, fault):
    grouping, published = Grouping(kafka, most_bytes=100, patience_seconds=0.2), []
    kafka.fault = fault
    if fault:
        kafka.opened.set()
    gc.disable()
    try:
        for _ in range(3):
            records = Records(routed(b"1")[PLACE])
            published.append(weakref.ref(records))
            await refused(grouping, records)
        del records
        kafka.opened.set()
        await settle()
        assert [each() for each in published] == [None] * 3
    finally:
        gc.enable()
        await grouping.stop()
