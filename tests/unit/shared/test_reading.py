"""What is read ahead, and what of it no longer holds once a partition is sought elsewhere."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.reading import ReadAhead, Reading

ONE, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)


@pytest.fixture
def log(monkeypatch):
    """Two partitions without end, and where each is read on from; `arriving` is set while there is anything to read."""
    log = SimpleNamespace(positions={ONE: 0, OTHER: 0}, held={ONE, OTHER}, arriving=asyncio.Event(), most=[])
    log.arriving.set()

    async def getmany(_self, timeout_ms, max_records):
        log.most.append(max_records)
        begun = dict(log.positions)
        log.positions = {each: position + 2 for each, position in begun.items()}
        await log.arriving.wait()
        return {each: [position, position + 1] for each, position in begun.items() if each in log.held}

    async def stop(_self):
        log.stopped = True

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    monkeypatch.setattr(AIOKafkaConsumer, "seek", lambda _self, each, offset: log.positions.update({each: offset}))
    monkeypatch.setattr(AIOKafkaConsumer, "assignment", lambda _self: frozenset(log.held))
    monkeypatch.setattr(AIOKafkaConsumer, "stop", stop)
    return log


@pytest.fixture
async def consumer(log):
    consumer = ReadAhead(Reading(max_records=7, at_once=2), asyncio.Semaphore(2), bootstrap_servers="nowhere:1")
    yield consumer
    await consumer.stop()


async def test_batches_come_in_order_and_the_next_is_fetched_once_asked_for(consumer, log):
    assert await consumer.read() == {ONE: [0, 1], OTHER: [0, 1]}
    assert log.positions[ONE] == 2
    consumer.read_ahead()
    consumer.read_ahead()
    await asyncio.sleep(0)
    assert log.positions[ONE] == 4
    assert await consumer.read() == {ONE: [2, 3], OTHER: [2, 3]}
    assert log.most == [14, 14]


async def test_a_seek_before_anything_was_fetched_is_where_reading_begins(consumer):
    consumer.seek(ONE, 40)
    assert await consumer.read() == {ONE: [40, 41], OTHER: [0, 1]}


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_was_fetched_while_its_partition_was_sought_is_read_again_from_there(consumer, log, arrived):
    await consumer.read()
    if not arrived:
        log.arriving.clear()
    consumer.read_ahead()
    await asyncio.sleep(0.01)
    consumer.seek(ONE, 40)
    log.arriving.set()
    assert await consumer.read() == {OTHER: [2, 3]}
    assert await consumer.read() == {ONE: [40, 41], OTHER: [4, 5]}


async def test_a_partition_that_was_taken_away_meanwhile_is_not_sought_again(consumer, log):
    log.arriving.clear()
    consumer.read_ahead()
    await asyncio.sleep(0.01)
    consumer.seek(ONE, 40)
    log.positions[ONE] = 1
    log.held = {OTHER}
    log.arriving.set()
    assert await consumer.read() == {OTHER: [0, 1]}
    assert log.positions[ONE] == 1


async def test_unpacking_waits_for_its_turn(log):
    turns = asyncio.Semaphore(1)
    consumer = ReadAhead(Reading(), turns, bootstrap_servers="nowhere:1")
    async with turns:
        consumer.read_ahead()
        await asyncio.sleep(0.01)
        assert not log.most
    assert await consumer.read() == {ONE: [0, 1], OTHER: [0, 1]}


async def test_stopping_gives_up_what_is_being_fetched(log):
    consumer = ReadAhead(Reading(), asyncio.Semaphore(1), bootstrap_servers="nowhere:1")
    log.arriving.clear()
    fetching = consumer.read_ahead()
    await consumer.stop()
    assert fetching.cancelled()
    assert log.stopped
