"""When a consumer has put aside too much, and what it does then."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka import Consumer, Halted, Limit
from shared.kafka.consumer import HALTED
from tests.unit.shared.test_consumer import KEPT, LOST, Assigned

OFFSETS = st.sets(st.integers(0, 60), max_size=30)


def too_many(limit, put_aside, offset):
    """Whether the records that end at `offset`, as many as the limit says, hold more dead letters than it allows."""
    return sum(offset - limit.within < each <= offset for each in put_aside) > limit.most


@given(st.builds(Limit, st.integers(0, 5), st.integers(1, 20)), OFFSETS, OFFSETS)
def test_the_first_that_is_beyond_the_limit_is_the_first_whose_last_records_hold_too_many(limit, before, fresh):
    expected = [offset for offset in sorted(fresh) if too_many(limit, before | fresh, offset)]
    assert limit.first_beyond(before, fresh) == (expected[0] if expected else None)


@pytest.mark.parametrize(
    ("fresh", "beyond"),
    [([1, 2, 3], None), ([1, 2, 3, 4], 4), ([1, 2, 3, 11], None), ([1, 2, 3, 10], 10), ([5, 6, 7, 8, 9], 8)],
)
def test_three_among_ten_are_let_pass_and_a_fourth_is_not(fresh, beyond):
    assert Limit(most=3, within=10).first_beyond([], fresh) == beyond


def halting_at(offset, lifted=None):
    """An apply that halts at an offset, and what it has applied."""
    applied = []

    async def apply(partition, records):
        if any(record.offset == offset for record in records):
            raise Halted(partition, offset, "too many", lifted)
        applied.append([record.offset for record in records])
        return records[-1].offset + 1

    return apply, applied


def batch(*offsets):
    return {KEPT: [SimpleNamespace(offset=offset) for offset in offsets]}


async def test_what_stands_before_the_one_that_is_too_many_is_applied_and_committed():
    held, (apply, applied) = Assigned(KEPT, LOST), halting_at(7)
    await Consumer("nowhere", "g", ["t"], apply)._apply_all(held, batch(4, 5, 7, 8))
    assert (applied, held.committed, held.sought) == ([[4, 5]], {KEPT: 6}, {KEPT: 6})


async def test_nothing_is_applied_or_committed_of_a_batch_that_begins_with_it():
    held, (apply, applied) = Assigned(KEPT, LOST), halting_at(7)
    with pytest.raises(Halted, match=r"halted at offset 7 of t, partition 0: too many"):
        await Consumer("nowhere", "g", ["t"], apply)._apply_all(held, batch(7, 8))
    assert (applied, held.committed) == ([], {})


async def test_a_halted_consumer_says_so_reads_nothing_and_goes_on_when_it_is_decided():
    decided, sessions = asyncio.Event(), []

    async def lifted():
        return decided.is_set()

    class Halting(Consumer):
        async def _session(self):
            sessions.append(len(sessions))
            if len(sessions) == 1:
                raise Halted(TopicPartition("t", 0), 7, "too many", lifted)
            self._fault = None
            await asyncio.Event().wait()

    consumer = Halting("nowhere", "halting", ["t"], halting_at(7)[0])
    running = asyncio.create_task(consumer.run())
    try:
        await asyncio.sleep(0.2)
        assert sessions == [0]
        assert "halting: halted at offset 7 of t, partition 0: too many" in consumer.ready()
        assert HALTED.labels("halting")._value.get() == 1
        decided.set()
        async with asyncio.timeout(10):
            while consumer.ready():  # noqa: ASYNC110 - a consumer sets no event
                await asyncio.sleep(0.01)
        assert sessions == [0, 1]
        assert HALTED.labels("halting")._value.get() == 0
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
