"""Counting again from the log: equal to the live counts, while queries go on, and nothing is put at risk."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager, suppress
from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from services.metrics.consumer import KINDS, layouts, readers, reading
from services.metrics.periods import Window
from services.metrics.projector import Projector
from services.metrics.queries import Queries
from services.metrics.rebuilding import Choices, Lossy, Rebuild
from services.metrics.store import Fenced, Generations, Position, Projection, Reader, connect, keys
from shared.clock import Clock
from shared.errors import Conflict, Unavailable
from shared.events import Crime, Indicator, record_message, topics
from shared.kafka import Bounds, Consumer, Log, open_log
from shared.reference import reference
from tests.integration.metrics import publishing, unique

KNOWN = reference()
LAYOUTS = layouts(KNOWN)
TOTAL = KNOWN.measures.resolve("total-notifiable-offences")
LONDON = KNOWN.areas.resolve("London")
MARCH = Window(date(2024, 3, 1), date(2024, 3, 31))
HALF_OF_MARCH = Window(date(2024, 3, 2), date(2024, 3, 17))
PATIENCE_SECONDS = 60


def crimes(dataset, count, start=0, **fields):
    known = {"status": "recorded", "area": "E09000007", "offence": "rape", "dataset": dataset}
    return [
        Crime(crime_id=f"c{n}", recorded_on=f"2024-03-{n % 28 + 1:02}", **(known | fields))
        for n in range(start, start + count)
    ]


class NoDeadLetters:
    async def put(self, rejected):
        pass


class World:
    """A Redis of its own, the shared log, a live projector while one is asked for, and a reader."""

    def __init__(self, parts, url):
        self.parts, self.redis = parts, connect(url)
        self.reader = Reader(self.redis, LAYOUTS)

    @asynccontextmanager
    async def live(self):
        clock = Clock()
        projector = Projector(Projection(self.redis, clock), readers(KNOWN), NoDeadLetters(), clock)
        consumer = Consumer(
            self.parts.bootstrap,
            f"test.{uuid4().hex[:8]}",
            KINDS,
            projector.apply,
            positions=projector,
            exclusive=True,
            reading=reading(),
        )
        running = asyncio.create_task(consumer.run())
        try:
            yield
        finally:
            while not running.done():
                running.cancel()
                await asyncio.wait({running}, timeout=1)

    async def count_all(self):
        async with self.live():
            await self.caught_up()

    async def caught_up(self):
        async with open_log(self.parts.bootstrap, tuple(KINDS)) as log, asyncio.timeout(PATIENCE_SECONDS):
            ends = await log.bounds()
            store = Projection(self.redis, Clock())
            for partition, bounds in ends.items():
                while ((await store.position(partition)) or Position("", -1)).next < bounds.end:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    async def rebuild(self, changed=lambda log: log, advance=lambda _: None, **choices):
        async with open_log(self.parts.bootstrap, tuple(KINDS), headers=False) as log:
            chosen = Choices(**({"grace_seconds": 0} | choices))
            work = Rebuild(self.redis, changed(log), readers(KNOWN), LAYOUTS, chosen, advance=advance)
            return await work.run()

    async def answer(self, dataset, window=MARCH):
        return await Queries(self.reader, Clock(), KNOWN).compare(
            TOTAL, LONDON, dataset, "custom", window, "year-before"
        )

    async def value(self, dataset, window=MARCH):
        (sums,) = await self.reader.sums("crime", dataset, [window])
        return int(sums[LONDON.index, LAYOUTS[topics.CRIMES].places[TOTAL.id]])

    async def generations(self):
        found = [key async for key in self.redis.scan_iter(keys.of_every_partition())]
        return {keys.generation_of(key) for key in found if not key.endswith(b":position")}


@pytest.fixture
async def world(parts, redis_url):
    world = World(parts, redis_url)
    yield world
    await world.redis.aclose()


@pytest.fixture
async def publish(parts):
    async with publishing(parts.bootstrap) as publish:
        yield publish


async def test_counts_and_posted_figures_are_equal_afterwards_and_the_old_ones_are_cleared_away(world, publish):
    dataset = unique("equal")
    survey = {"indicator": "good-job", "area": LONDON.id, "unit": "percent", "status": "final", "dataset": dataset}
    await publish([*crimes(dataset, 300), *crimes(dataset, 40, revision=2, status="cancelled")])
    await publish([Indicator(period="2017-18-Q1", value=value, revision=value, **survey) for value in (66, 68)])
    await world.count_all()
    before = await world.value(dataset), await world.value(dataset, HALF_OF_MARCH)
    sources, posted = await world.reader.sources("crime"), await world.reader.indicators(dataset)
    report = await world.rebuild()
    assert (report.swapped, report.differences, report.behind, report.missing) == (True, [], 0, [])
    assert report.compared == report.partitions
    assert report.records >= 342
    assert (await world.value(dataset), await world.value(dataset, HALF_OF_MARCH)) == before
    assert before[0] == 260
    assert [each._replace(applied_at=None) for each in await world.reader.sources("crime")] == [
        each._replace(applied_at=None) for each in sources
    ]
    assert await world.reader.indicators(dataset) == posted
    assert [each.value for each in posted] == [68]
    assert await world.generations() == {report.generation} != {report.replaced}


async def test_a_live_projector_and_queries_go_on_while_it_works(world, publish):
    dataset = unique("live")
    await publish(crimes(dataset, 500))
    async with world.live():
        await world.caught_up()
        rebuilding = asyncio.create_task(world.rebuild())
        published, seen = 500, []
        while not rebuilding.done():
            await publish(crimes(dataset, 20, start=published))
            published += 20
            seen.append(await world.value(dataset))
            assert seen[-1] <= published
        report = await rebuilding
        await publish(crimes(dataset, 20, start=published))
        await world.caught_up()
        assert await world.value(dataset) == published + 20
    assert report.swapped
    assert report.differences == []
    assert seen[0] >= 500
    if not report.behind:
        assert seen == sorted(seen)
    assert (await world.rebuild(check=True)).differences == []


async def test_killed_in_the_middle_it_leaves_the_counts_alone_and_runs_again(world, publish):
    dataset = unique("killed")
    await publish(crimes(dataset, 300))
    await world.count_all()
    served = await Generations(world.redis).served()
    begun = asyncio.Event()
    dying = asyncio.create_task(world.rebuild(batch_records=10, advance=lambda _: begun.set()))
    await begun.wait()
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    assert await Generations(world.redis).served() == served
    left = await world.generations() - {served}
    assert left
    assert await world.value(dataset) == 300
    report = await world.rebuild()
    assert report.generation not in left
    assert await world.generations() == {report.generation}
    assert await world.value(dataset) == 300


async def test_two_at_once_are_refused_and_one_that_was_overtaken_puts_nothing_in_place(world, publish):
    await publish(crimes(unique("two"), 10))
    await world.count_all()
    async with Generations(world.redis).held():
        with pytest.raises(Conflict, match="under way"):
            await world.rebuild()
    overtaken = Generations(world.redis)
    async with overtaken.held():
        await world.redis.set(keys.REBUILDING, "another")
        old = await overtaken.served()
        with pytest.raises(Conflict, match="taken over"):
            await overtaken.serve(old, keys.following(old), None)
        assert await overtaken.served() == old
    assert await world.redis.get(keys.REBUILDING) == b"another"


class Shortened(Log):
    """The same log, of which the beginning is gone from one partition of crimes."""

    async def bounds(self):
        found = await super().bounds()
        partition = TopicPartition(topics.CRIMES, 0)
        return found | {partition: Bounds(found[partition].end, found[partition].end)}


def shortened(log):
    return Shortened(log._consumer, log.cluster, log.partitions)


def elsewhere(log):
    return Log(log._consumer, "another cluster", log.partitions)


async def test_a_log_without_its_beginning_is_refused_unless_the_loss_is_accepted(world, publish):
    dataset = unique("shortened")
    await publish(crimes(dataset, 100))
    await world.count_all()
    with pytest.raises(Lossy, match="begins at offset") as refused:
        await world.rebuild(shortened)
    (missing,) = refused.value.missing
    assert (missing.topic, missing.partition, missing.records > 0) == (topics.CRIMES, 0, True)
    assert await world.value(dataset) == 100
    report = await world.rebuild(shortened, accept_loss=True)
    assert report.swapped
    assert {each.dataset for each in report.differences} >= {dataset}
    answer = await world.answer(dataset)
    assert (answer["value"] < 100, answer["status"]) == (True, "incomplete")


async def test_counts_that_began_in_another_cluster_are_refused_and_what_is_in_both_is_no_loss(world, publish):
    dataset = unique("elsewhere")
    await publish(crimes(dataset, 100))
    await world.count_all()
    with pytest.raises(Lossy, match="began in another Kafka cluster"):
        await world.rebuild(elsewhere)
    unchecked = await world.rebuild(elsewhere, accept_loss=True, check=True)
    assert (unchecked.swapped, unchecked.compared, unchecked.differences) == (False, 0, [])
    report = await world.rebuild(elsewhere, accept_loss=True)
    assert (report.swapped, report.compared) == (True, 0)
    answer = await world.answer(dataset)
    assert (answer["value"], answer["status"] == "incomplete") == (100, False)


async def test_a_loss_is_healed_by_a_log_that_holds_everything(world, publish):
    dataset = unique("healed")
    await publish(crimes(dataset, 100))
    async with open_log(world.parts.bootstrap, tuple(KINDS)) as log:
        bounds = await log.bounds()
        lossy = Projector(Projection(world.redis, Clock()), readers(KNOWN), NoDeadLetters(), Clock())
        for partition, (_, end) in bounds.items():
            await lossy.start_at(partition, log.cluster, end, end)
    await publish(crimes(dataset, 20, start=100))
    await world.count_all()
    answer = await world.answer(dataset)
    assert (answer["value"], answer["status"]) == (20, "incomplete")
    refused = await world.rebuild(check=True)
    assert not refused.swapped
    assert await world.generations() == {refused.replaced}
    report = await world.rebuild()
    (total,) = (each for each in report.differences if (each.dataset, each.measure) == (dataset, TOTAL.id))
    assert (total.month, total.old, total.new) == ("2024-03", 20, 120)
    answer = await world.answer(dataset)
    assert (answer["value"], answer["status"] == "incomplete") == (120, False)


async def run(world, url, *options):
    """The exit code of the command as an operator starts it, and what it wrote to standard output and error."""
    environment = os.environ | {"OVERSIGHT_KAFKA": world.parts.bootstrap, "OVERSIGHT_REDIS_URL": url}
    command = [sys.executable, "-c", "from local.cli import app; app()", "rebuild", "metrics", *options]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    said, wrong = await process.communicate()
    return process.returncode, said.decode(), wrong.decode()


async def test_the_command_tells_a_program_and_a_person_what_it_did(world, publish, redis_url):
    dataset = unique("command")
    await publish(crimes(dataset, 30))
    await world.count_all()
    code, said, wrong = await run(world, redis_url, "--json", "--grace", "0")
    assert (code, wrong) == (0, "")
    report = json.loads(said)
    assert (report["swapped"], report["differences"], report["records"] >= 30) == (True, [], True)
    code, said, _ = await run(world, redis_url, "--check", "--grace", "0")
    assert code == 0
    assert "compared: equal" in said
    assert await world.value(dataset) == 30


async def test_the_command_says_which_partitions_lack_how_many_records_and_ends_with_3(world, publish, redis_url):
    await publish(crimes(unique("lossy"), 30))
    async with open_log(world.parts.bootstrap, tuple(KINDS)) as log:
        end = (await log.bounds())[TopicPartition(topics.CRIMES, 1)].end
        store = Projection(world.redis, Clock())
        partition = TopicPartition(topics.CRIMES, 1)
        await store.move(partition, await store.position(partition), log.cluster, end + 7)
    code, _, wrong = await run(world, redis_url)
    assert code == 3
    assert f"{topics.CRIMES}-1: 7 records" in wrong
    async with Generations(world.redis).held():
        code, _, wrong = await run(world, redis_url)
    assert (code, "under way" in wrong) == (1, True)


@pytest.fixture
async def replaced(world):
    """A projector whose counts have just been replaced, at a partition that it knows and at one that it does not."""
    store, known, unknown = Projection(world.redis, Clock()), TopicPartition(topics.CRIMES, 0), TopicPartition("x", 0)
    position = await store.move(known, await store.position(known), "c", 0)
    await store.position(unknown)
    generations = Generations(world.redis)
    old = await generations.served()
    async with generations.held():
        assert await generations.serve(old, keys.following(old), {known: position, unknown: None})
    return SimpleNamespace(
        store=store, known=known, unknown=unknown, position=position, old=old, generations=generations
    )


async def test_whoever_writes_into_replaced_counts_is_refused_even_after_they_were_cleared_away(world, replaced):
    async def refused():
        with pytest.raises(Fenced):
            await replaced.store.move(replaced.known, replaced.position, "c", 5)
        with pytest.raises(Fenced):
            await replaced.store.move(replaced.unknown, None, "c", 5)

    await refused()
    await replaced.generations.clear(replaced.old)
    await refused()
    assert await replaced.store.position(replaced.known) is None  # in the generation that is served now


async def test_a_projector_in_the_middle_of_a_step_starts_again(world):
    partition = TopicPartition(topics.CRIMES, 0)
    projector = Projector(Projection(world.redis, Clock()), readers(KNOWN), NoDeadLetters(), Clock())
    await projector.start_at(partition, "c", 0, 1)
    generations = Generations(world.redis)
    old = await generations.served()
    async with generations.held():
        assert await generations.serve(old, keys.following(old), None)
    _, key, value, *_ = record_message(*crimes("d", 1), "tests")
    with pytest.raises(Unavailable, match="other counts"):
        await projector.apply(partition, [SimpleNamespace(key=key, value=value, offset=0)])
    assert await projector.start_at(partition, "c", 0, 1) == 0


async def test_counts_that_move_on_while_they_are_replaced_stay_in_place(world):
    partition, store = TopicPartition(topics.CRIMES, 0), Projection(world.redis, Clock())
    seen = await store.move(partition, await store.position(partition), "c", 0)
    await store.move(partition, seen, "c", 1)
    generations = Generations(world.redis)
    old = await generations.served()
    async with generations.held():
        assert not await generations.serve(old, keys.following(old), {partition: seen})
    assert await generations.served() == old


async def test_of_a_log_that_was_empty_when_it_was_looked_at_no_rows_are_compared(world):
    partition, generations = TopicPartition(topics.CRIMES, 0), Generations(world.redis)
    projector = Projector(Projection(world.redis, Clock()), readers(KNOWN), NoDeadLetters(), Clock())
    await projector.start_at(partition, "c", 0, 1)
    _, key, value, *_ = record_message(*crimes("empty", 1), "tests")
    await projector.apply(partition, [SimpleNamespace(key=key, value=value, offset=0)])
    served = await generations.served()
    ((suffix, length),) = (await generations.standing(served, partition)).lengths.items()
    rows = [await generations.rows(served, partition, suffix, most) for most in (0, length)]
    assert [len(each) for each in rows] == [0, 1]
