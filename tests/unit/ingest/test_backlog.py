import asyncio
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.backlog import Backlog
from shared.errors import Unavailable
from shared.tasks import background

A, B = ("crimes", 0), ("crimes", 1)
LIMIT = 100


class FakeProgress:
    """A consumer whose progress the test sets: the next offset of each place, and whether it has applied all.

    And how much is on its way to Kafka.
    """

    def __init__(self):
        self.next, self.applied_all, self.fault, self.under_way = {}, True, None, 0

    async def committed(self, places):
        if self.fault:
            raise self.fault
        return {place: self.next[place] for place in places if place in self.next}

    async def has_applied(self, topics):
        return self.applied_all


def following_up(progress):
    return Backlog(progress, ["crimes"], LIMIT, lambda: progress.under_way)


@pytest.fixture
def progress():
    return FakeProgress()


@pytest.fixture
async def backlog(progress):
    """One that has found everything applied at its start, so that requests are taken."""
    backlog = following_up(progress)
    await backlog._follow()
    return backlog


def write(backlog, sizes, last_offsets):
    backlog.reserve(sizes)
    backlog.written(sizes, last_offsets)


def refused(backlog, sizes):
    with pytest.raises(Unavailable, match="nothing was accepted") as caught:
        backlog.reserve(sizes)
    return caught.value.headers == {"Retry-After": "1"}


async def test_what_fits_is_taken_and_what_does_not_is_refused(backlog):
    backlog.reserve({A: 60})
    backlog.reserve({A: 40})
    assert refused(backlog, {A: 1})
    backlog.reserve({B: 100})


async def test_a_refused_request_takes_room_in_none_of_its_partitions(backlog):
    backlog.reserve({B: 60})
    assert refused(backlog, {A: 60, B: 60})
    backlog.reserve({A: LIMIT})


async def test_a_partition_with_nothing_outstanding_takes_a_request_of_any_size(backlog):
    backlog.reserve({A: 5 * LIMIT})
    assert refused(backlog, {A: 1})


async def test_room_comes_back_once_the_consumer_has_applied(backlog, progress):
    write(backlog, {A: LIMIT}, {A: 7})
    progress.next = {A: 7}  # the record at offset 7 is the next one
    await backlog._follow()
    assert refused(backlog, {A: 1})
    progress.next = {A: 8}
    await backlog._follow()
    backlog.reserve({A: LIMIT})


async def test_requests_noted_in_another_order_than_they_were_written_are_told_apart(backlog, progress):
    backlog.reserve({A: 30})
    backlog.reserve({A: 50})
    backlog.written({A: 50}, {A: 19})
    backlog.written({A: 30}, {A: 9})
    progress.next = {A: 10}
    await backlog._follow()
    assert backlog._held[A] == 50
    progress.next = {A: 20}
    await backlog._follow()
    assert backlog._held[A] == 0


async def test_a_consumer_that_has_never_committed_has_applied_nothing(backlog):
    write(backlog, {A: LIMIT}, {A: 0})
    await backlog._follow()
    assert refused(backlog, {A: 1})


async def test_after_a_failure_nothing_is_taken_until_all_has_been_applied(backlog, progress):
    progress.applied_all = False
    backlog.reserve({A: 10})
    backlog.release({A: 10})
    await backlog._follow()
    assert refused(backlog, {B: 1})
    assert "metrics has to apply" in await backlog.ready()
    progress.applied_all = True
    await backlog._follow()
    assert await backlog.ready() is None
    backlog.reserve({B: 1})


async def test_what_is_still_on_its_way_after_a_failure_is_waited_for_before_all_counts_as_applied(backlog, progress):
    backlog.reserve({A: 10})
    progress.under_way = 10
    backlog.release({A: 10})
    await backlog._follow()
    assert refused(backlog, {B: 1})
    progress.under_way = 0
    await backlog._follow()
    backlog.reserve({B: 1})


async def test_bytes_of_which_kafka_no_longer_knows_where_they_stand_are_waited_for(backlog, progress):
    backlog.reserve({A: 10, B: 10})
    backlog.written({A: 10, B: 10}, {A: -1, B: 7})
    assert backlog._held == {A: 0, B: 0}
    progress.applied_all = False
    await backlog._follow()
    assert refused(backlog, {A: 1})
    progress.applied_all = True
    await backlog._follow()
    backlog.reserve({A: 1})


async def test_at_the_start_nothing_is_taken_until_all_has_been_applied(progress):
    backlog = following_up(progress)
    assert refused(backlog, {A: 1})
    await backlog._follow()
    backlog.reserve({A: 1})


@asynccontextmanager
async def following(backlog):
    async with background(backlog.run(), "backlog"):
        yield


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the backlog tells nobody
            await asyncio.sleep(0.01)


async def test_a_broker_that_does_not_answer_for_a_while_is_asked_again(backlog, progress):
    write(backlog, {A: LIMIT}, {A: 0})
    progress.fault = OSError("gone")
    async with following(backlog):
        await asyncio.sleep(0.15)
        assert refused(backlog, {A: 1})
        progress.fault, progress.next = None, {A: 1}
        await until(lambda: backlog._held[A] == 0)


REQUESTS = st.lists(st.tuples(st.integers(1, 60), st.sampled_from(["write", "fail", "apply", "lose"])), max_size=40)


@given(REQUESTS)
def test_the_bytes_held_are_those_reserved_and_not_applied_never_fewer_than_none(requests):
    async def scenario():
        progress = FakeProgress()
        backlog, outstanding, offset = following_up(progress), [], 0
        await backlog._follow()
        for size, fate in requests:
            try:
                backlog.reserve({A: size})
            except Unavailable:
                assert outstanding
                assert sum(outstanding) + size > LIMIT
            else:
                if fate == "fail":
                    backlog.release({A: size})
                else:
                    backlog.written({A: size}, {A: offset})
                    outstanding, offset = [*outstanding, size], offset + 1
            if fate == "apply":
                progress.next[A], outstanding = offset, []
            await backlog._follow()
            assert backlog._held[A] == sum(outstanding)

    asyncio.run(scenario())
