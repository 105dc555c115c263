"""A consumer that can read nothing halts, stays halted when it is started again, and goes on when that is decided."""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from local.dead_letters.resume import resume
from shared.clock import Clock
from shared.events import Message
from shared.kafka import Consumer, DeadLetters, Limit, Publisher
from shared.kafka.replay import open_log

MOST = 5


@pytest.fixture
async def world(parts):
    """A topic of its own, a publisher, and a consumer's group."""
    publisher = Publisher(parts.bootstrap, "tests")
    await publisher.start()
    yield World(parts, publisher)
    await publisher.stop()


class World:
    def __init__(self, parts, publisher):
        self.topic, self.group = f"test.limit-{uuid4().hex[:8]}", f"test.limit-{uuid4().hex[:8]}"
        self.applied, self._parts, self._publisher = [], parts, publisher

    async def publish(self, *values):
        await self._publisher.publish([Message(self.topic, b"one partition", value, []) for value in values])

    @asynccontextmanager
    async def reading(self, knows=(b"good",)):
        """A consumer that applies what it knows, and puts the rest aside; as a process that was just started."""
        letters = DeadLetters(self._publisher, self.group, Clock(), Limit(most=MOST, within=20))

        async def apply(_partition, records):
            await letters.put([(each, f"{each.value} is not known") for each in records if each.value not in knows])
            self.applied += [each.offset for each in records if each.value in knows]
            return records[-1].offset + 1

        exclusive = self._parts.volatile_broker
        consumer = Consumer(self._parts.bootstrap, self.group, [self.topic], apply, exclusive=exclusive)
        running = asyncio.create_task(consumer.run())
        try:
            yield consumer
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def put_aside(self):
        """The offsets of the records put aside, in the order in which they were."""
        async with open_log(self._parts.bootstrap, [f"{self.topic}.dlq"]) as log:
            bounds = await log.bounds()
            starts, ends = ({place: held[n] for place, held in bounds.items()} for n in (0, 1))
            found = []
            async for batches in log.read(starts, ends, 500):
                found += [record for batch in batches.values() for record in batch]
        return [int(dict(record.headers)["dlq_offset"]) for record in found]

    async def resume(self):
        return await resume(self._parts.bootstrap, self.topic)


async def until(check):
    async with asyncio.timeout(60):
        while not await check():  # noqa: ASYNC110 - Kafka sets no event
            await asyncio.sleep(0.05)


async def halted(consumer):
    async def is_halted():
        return "halted at offset" in (consumer.ready() or "")

    await until(is_halted)
    return consumer.ready()


async def test_a_consumer_that_can_read_nothing_halts_with_its_reason_and_applies_what_stands_before(world):
    await world.publish(b"good", *[b"bad"] * 30)
    async with world.reading() as consumer:
        fault = await halted(consumer)
    assert f"halted at offset 6 of {world.topic}" in fault
    assert "more than 5 dead letters among 20 records (b'bad' is not known)" in fault
    assert f"oversight dead-letters resume {world.topic}" in fault
    assert world.applied == [0]
    assert await world.put_aside() == [1, 2, 3, 4, 5]


async def test_a_restart_is_no_decision(world):
    await world.publish(*[b"bad"] * 30)
    for _ in range(2):
        async with world.reading() as consumer:
            assert "halted at offset 5 " in await halted(consumer)
    assert await world.put_aside() == [0, 1, 2, 3, 4]


async def test_single_letters_over_many_restarts_come_to_the_same(world):
    for number in range(MOST):
        await world.publish(b"bad")
        async with world.reading():

            async def there(number=number):
                return len(await world.put_aside()) == number + 1

            await until(there)
    await world.publish(b"bad", b"good")
    async with world.reading() as consumer:
        assert "halted at offset 5 " in await halted(consumer)
    assert world.applied == []


async def test_a_consumer_that_can_read_them_after_all_needs_no_decision(world):
    await world.publish(*[b"bad"] * 30)
    async with world.reading() as consumer:
        await halted(consumer)
    async with world.reading(knows=(b"good", b"bad")):

        async def caught_up():
            return world.applied == list(range(5, 30))

        await until(caught_up)
    assert await world.put_aside() == [0, 1, 2, 3, 4]


async def test_once_decided_all_that_stood_there_is_put_aside_and_the_limit_holds_for_what_comes_then(world):
    await world.publish(*[b"bad"] * 30)
    async with world.reading() as consumer:
        await halted(consumer)
        ends = await world.resume()
        assert max(ends.values()) == 30

        async def all_aside():
            return len(await world.put_aside()) == 30 and consumer.ready() is None

        await until(all_aside)
        await world.publish(b"good", *[b"bad"] * 30)
        assert "halted at offset 36 " in await halted(consumer)
    assert world.applied == [30]
    assert await world.put_aside() == [*range(30), *range(31, 36)]


async def test_a_decision_is_remembered_by_whoever_starts_then(world):
    await world.publish(*[b"bad"] * 30)
    async with world.reading() as consumer:
        await halted(consumer)
    await world.resume()
    async with world.reading():

        async def all_aside():
            return len(await world.put_aside()) == 30

        await until(all_aside)
    assert await world.put_aside() == list(range(30))


@pytest.mark.usefixtures("real_stack")
async def test_another_process_of_the_group_that_takes_over_comes_to_the_same(world):
    async with world.reading() as first, world.reading() as second:
        await world.publish(*[b"bad"] * 30)
        for consumer in (first, second):
            assert "halted at offset 5 " in await halted(consumer)
        assert await world.put_aside() == [0, 1, 2, 3, 4]
        await world.resume()

        async def all_aside():
            return len(await world.put_aside()) == 30

        await until(all_aside)
    assert await world.put_aside() == list(range(30))
