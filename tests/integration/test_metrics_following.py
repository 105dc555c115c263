"""A reader follows the logs of facts through whatever Redis does, and never mistakes one log for another."""

import shutil
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from msgspec.structs import replace

from services.metrics.consumer import layouts, readers
from services.metrics.periods import Window
from services.metrics.projector import Projector
from services.metrics.store import Projection, Reader, connect
from shared.clock import FixedClock
from shared.errors import Unavailable
from shared.events import Crime, Indicator, record_message, topics
from shared.reference import reference
from tests.parts.redis import RedisServer

KNOWN = reference()
LAYOUTS = layouts(KNOWN)
CLOCK = FixedClock(datetime(2024, 6, 1, tzinfo=UTC))
CRIMES, POSTED = TopicPartition(topics.CRIMES, 0), TopicPartition(topics.INDICATORS, 0)
WINDOWS = [Window(date(2024, 3, 1), date(2024, 3, 31)), Window(date(2024, 3, 5), date(2024, 3, 5))]


def crime(number, **fields):
    known = {"status": "recorded", "recorded_on": "2024-03-05", "area": "E09000007", "offence": "rape"}
    return Crime(crime_id=f"c{number}", dataset="live", **(known | fields))


def posted(value):
    return Indicator(
        indicator="good-job", area="E12000007", period="2017-18-Q1", value=value, unit="percent", status="final"
    )


def log_of(*records):
    messages = [record_message(each, "tests") for each in records]
    return [SimpleNamespace(key=each.key, value=each.value, offset=n) for n, each in enumerate(messages)]


class Following:
    """A projector, and readers of what it counts."""

    def __init__(self, redis):
        self.redis, self.reader = redis, Reader(redis, LAYOUTS)
        self.projector = Projector(Projection(redis, CLOCK), readers(KNOWN), None, CLOCK)

    async def counts(self, reader=None):
        """London's crimes by window."""
        reader = reader or self.reader
        layout = reader.layout("crime")
        cell = layout.region, layout.places["total-notifiable-offences"]
        return [int(each[cell]) for each in await reader.sums("crime", "live", WINDOWS)]


@pytest.fixture
async def following(redis_url):
    redis = connect(redis_url)
    yield Following(redis)
    await redis.aclose()


async def test_writes_that_redis_lost_are_forgotten_and_what_took_their_place_is_counted(parts, tmp_path):
    log = log_of(crime(1), crime(2), crime(3), crime(1, revision=2, recorded_on="2024-03-09"))
    with RedisServer(appendonly=True, binary=parts._redis_binary()) as server:
        redis = connect(server.url)
        one = Following(redis)
        await one.projector.start_at(CRIMES, "c", 0, 4)
        await one.projector.apply(CRIMES, log[:1])
        shutil.copytree(server.data, tmp_path / "kept")
        await one.projector.apply(CRIMES, log[1:2])
        assert await one.counts() == [2, 2]
        before = await one.reader.version()

        server.kill()
        shutil.rmtree(server.data)
        shutil.copytree(tmp_path / "kept", server.data)
        server.start()
        assert await one.projector.apply(CRIMES, log[2:3]) == 1  # where Redis stands now
        await one.projector.apply(CRIMES, log[1:])  # as many steps as were lost, of other rows and more
        assert await one.counts() == await one.counts(Reader(redis, LAYOUTS)) == [3, 2]
        assert await one.reader.version() != before
        await redis.aclose()


async def test_what_was_read_before_a_fault_makes_a_new_version(following, monkeypatch):
    await following.projector.start_at(CRIMES, "c", 0, 1)
    await following.projector.start_at(POSTED, "c", 0, 2)
    log = log_of(posted(68), replace(posted(68), revision=2, value=70))
    await following.projector.apply(POSTED, log[:1])
    assert await following.counts() == [0, 0]
    assert [each.value for each in await following.reader.indicators("live")] == [68]
    before = await following.reader.version()

    async def silent():
        raise Unavailable("Redis does not answer")

    await following.projector.apply(CRIMES, log_of(crime(1)))
    await following.projector.apply(POSTED, log[1:])
    with monkeypatch.context() as fault:
        fault.setattr(following.reader._tails, "is_served", silent)
        with pytest.raises(Unavailable):
            await following.reader.version()
    assert await following.reader.version() != before
    assert await following.counts() == [1, 1]
    assert [each.value for each in await following.reader.indicators("live")] == [70]


async def test_a_version_stays_while_nothing_changes_and_is_another_after_each_change(following):
    await following.projector.start_at(CRIMES, "c", 0, 2)
    versions = [await following.reader.version() for _ in range(2)]
    for n, record in enumerate(log_of(crime(1), crime(2))):
        await following.projector.apply(CRIMES, [record])
        versions += [await following.reader.version() for _ in range(2)]
        assert await following.counts() == [n + 1, n + 1]
    assert versions == sorted(versions)
    assert len(set(versions)) == 3


async def test_a_partition_that_is_counted_later_is_added_to_what_was_read(following):
    other = TopicPartition(topics.CRIMES, 1)
    await following.projector.start_at(CRIMES, "c", 0, 1)
    await following.projector.apply(CRIMES, log_of(crime(1)))
    assert await following.counts() == [1, 1]
    await following.projector.start_at(other, "c", 0, 1)
    await following.projector.apply(other, log_of(crime(2)))
    assert await following.counts() == [2, 2]


async def test_a_memory_that_was_emptied_and_filled_again_as_often_is_read_anew(following):
    await following.projector.start_at(CRIMES, "c", 0, 2)
    await following.projector.apply(CRIMES, log_of(crime(1), crime(2, recorded_on="2024-03-09")))
    assert await following.counts() == [2, 1]
    await following.redis.flushdb()
    assert await following.projector.start_at(CRIMES, "another", 0, 1) == 0
    await following.projector.apply(CRIMES, log_of(crime(7)))
    assert await following.counts() == [1, 1]
