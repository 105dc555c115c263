"""Counting is exactly once, against a model that knows nothing of logs, batches or faults.

Random records go through the real projector and a real Redis, and every fault happens between any two steps.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from redis.asyncio import Redis

from services.metrics.consumer import layouts, readers
from services.metrics.periods import Window, intervals
from services.metrics.projector import Projector
from services.metrics.queries import Queries
from services.metrics.store import Fenced, Projection, Reader
from services.metrics.suppression import Rule, Suppression
from shared.clock import FixedClock
from shared.errors import Unavailable
from shared.events import Call, Crime, CrimeCount, Outcome, record_message, topics
from shared.events.topics import partition_of
from shared.reference import reference

KNOWN = reference()
LAYOUTS = layouts(KNOWN)
CLOCK = FixedClock(datetime(2024, 6, 1, tzinfo=UTC))
PARTITIONS = {topics.CRIMES: 2, topics.CRIME_COUNTS: 1, topics.CALLS: 1}
LOGS = [TopicPartition(topic, n) for topic, count in PARTITIONS.items() for n in range(count)]

# What is counted where, written down apart from measures.toml.
OFFENCES = {
    "domestic-burglary": {"total-notifiable-offences", "total-burglary"},
    "theft-from-the-person": {"total-notifiable-offences", "theft-person", "robbery-and-theft-person"},
    "robbery-of-business-property": {"total-notifiable-offences", "total-robbery", "robbery-and-theft-person"},
    "aggravated-vehicle-taking": {"total-notifiable-offences", "theft-taking-of-mv"},
    "violence-with-injury": {
        "total-notifiable-offences",
        "violence-against-the-person",
        "non-domestic-abuse-violence-with-injury",
    },
    "nfib-fraud": set(),
}
FLAGS = {
    "knife-crime": "knife-crime",
    "domestic-abuse": "domestic-abuse",
    "transgender-hate": "transgender-hate-crime",
    "disability-hate": "disability-hate-crime",
}
DETECTED = {"charged": True, "community-resolution": False}
CALLS = {"asb-calls", "calls-999", "calls-101", "calls-999-abandoned"}
MODELLED = set().union(*OFFENCES.values(), FLAGS.values(), CALLS, {"sanction-detections"})
AREAS = ("E09000007", "E09000033", "unknown")
LONDON = "E12000007"
AREA_IDS = {area.index: area.id for area in KNOWN.areas}

revisions = st.integers(1, 4)
datasets = st.sampled_from(["one", "two"])
areas = st.sampled_from(AREAS)
days = st.sampled_from(["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-02", "2024-03"])
flags = st.lists(st.sampled_from(sorted(FLAGS)), unique=True, max_size=3).map(tuple)
crimes = st.builds(
    Crime,
    crime_id=st.sampled_from(["a", "b", "c", "d"]),
    revision=revisions,
    status=st.sampled_from(["recorded", "recorded", "recorded", "cancelled"]),
    recorded_on=days,
    area=areas,
    offence=st.sampled_from(sorted(OFFENCES)),
    flags=flags,
    outcome=st.none() | st.builds(Outcome, type=st.sampled_from(sorted(DETECTED)), on=days),
    dataset=datasets,
)
counts = st.builds(
    CrimeCount,
    area=areas,
    offence=st.sampled_from(["domestic-burglary", "nfib-fraud"]),
    flags=flags.filter(lambda chosen: len(chosen) < 2),
    month=st.sampled_from(["2024-02", "2024-03"]),
    count=st.integers(0, 2_000_000),
    revision=revisions,
    dataset=datasets,
)
calls = st.builds(
    Call,
    call_id=st.sampled_from(["a", "b"]),
    revision=revisions,
    # On the last the clocks go forward in London: 23:30 UTC is half past midnight of 1 April.
    received_at=st.sampled_from([datetime(2024, 2, 29, 23, 30, tzinfo=UTC), datetime(2024, 3, 31, 23, 30, tzinfo=UTC)]),
    line=st.sampled_from([999, 101]),
    kind=st.just("asb"),
    category=st.just("anti-social-behaviour"),
    area=areas,
    abandoned=st.booleans(),
    dataset=datasets,
)
records = st.one_of(crimes, crimes, crimes, counts, calls)
somewhere, sizes = st.integers(0, 1000), st.integers(1, 10)


def counted(record):
    """The model of a record: (day or month, area, measure, weight) of everything that it counts for."""
    match record:
        case Crime(status="cancelled"):
            return
        case Call():
            day = "2024-02-29" if record.received_at.month == 2 else "2024-04-01"
            found = {"asb-calls", f"calls-{record.line}"} | (
                {"calls-999-abandoned"} if record.abandoned and record.line == 999 else set()
            )
            yield from ((day, record.area, measure, 1) for measure in found)
            return
    found = OFFENCES[record.offence] | {FLAGS[flag] for flag in record.flags}
    if "domestic-abuse" in record.flags:
        found -= {"non-domestic-abuse-violence-with-injury"}
    day, weight = (record.recorded_on, 1) if isinstance(record, Crime) else (record.month, record.count)
    yield from ((day, record.area, measure, weight) for measure in found)
    if isinstance(record, Crime) and record.outcome and DETECTED[record.outcome.type] and OFFENCES[record.offence]:
        yield record.outcome.on, record.area, "sanction-detections", 1


def latest(published):
    """The model of a log: the highest revision of each record; of equal ones the first."""
    best = {}
    for record in published:
        name = (type(record), record.dataset, record.record_id)
        if name not in best or record.revision > best[name].revision:
            best[name] = record
    return best.values()


def expected(published, dataset, window):
    """The model of a window: what a day in it, or a month wholly in it, counts, by area and measure."""
    sums = {}
    for record in latest(published):
        for when, area, measure, weight in counted(record) if record.dataset == dataset else ():
            month_end = (date.fromisoformat(when[:7] + "-28") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            first = date.fromisoformat(when if len(when) == 10 else when + "-01")
            last = first if len(when) == 10 else month_end
            if window.first <= first and last <= window.last:
                for place in (area, LONDON):
                    sums[place, measure] = sums.get((place, measure), 0) + weight
    return {cell: count for cell, count in sums.items() if count}


EVERYTHING = Window(date(2024, 2, 1), date(2024, 4, 30))
WINDOWS = [
    *intervals(*EVERYTHING, "month"),
    *intervals(date(2024, 2, 27), date(2024, 4, 2), "day"),
    EVERYTHING,
    Window(date(2024, 2, 29), date(2024, 4, 1)),
]


MOST_ATTEMPTS = 20
"""After which everything must have been counted: a fault or two for each log, and one attempt more."""


class Died(Exception):
    """The process is gone."""


class Mortal:
    """A projection whose process dies at a chosen moment; what it had sent by then may reach Redis later."""

    def __init__(self, store, under_way):
        self._store, self._under_way = store, under_way
        self.position, self.move = store.position, store.move
        self.dies = None

    async def states(self, *asked):
        self._die("before it reads")
        found = await self._store.states(*asked)
        self._die("after it has read")
        return found

    async def commit(self, *step):
        if self.dies == "while its commit is under way":
            self._under_way.append(step)
        self._die("while its commit is under way")
        moved = await self._store.commit(*step)
        self._die("before it learns of its commit")
        return moved

    def _die(self, moment):
        if self.dies == moment:
            raise Died


MOMENTS = ["before it reads", "after it has read", "while its commit is under way", "before it learns of its commit"]


class Process:
    """A projector and, as the consumer has them, the offsets that it reads next."""

    def __init__(self, store, under_way):
        self.store = Mortal(store, under_way)
        self._projector = Projector(self.store, readers(KNOWN), NoDeadLetters(), CLOCK)
        self.following = {}

    async def start(self, cluster, ends):
        starts = (self._projector.start_at(partition, cluster, 0, end) for partition, end in ends.items())
        self.following = dict(zip(ends, await asyncio.gather(*starts), strict=True))

    async def step(self, partition, batch):
        if batch:
            self.following[partition] = await self._projector.apply(partition, batch)


class NoDeadLetters:
    async def put(self, rejected):
        assert not rejected


class Counting(RuleBasedStateMachine):
    """Upstreams publish, processes count, and everything that can happen to a process happens."""

    def __init__(self, run, redis):
        super().__init__()
        self.run, self.redis = run, redis
        self.published, self.under_way, self.old = [], [], []
        self.logs = {partition: [] for partition in LOGS}
        self.clusters = 1
        self.store = Projection(redis, CLOCK)
        self.reader = Reader(redis, LAYOUTS)

    @initialize(batch=st.lists(records, min_size=10, max_size=40))
    def a_log_and_an_empty_store(self, batch):
        self.run(self.redis.flushdb())
        self.publish(batch)
        self.start()

    def start(self, ends=None):
        self.process = Process(self.store, self.under_way)
        ends = ends or {partition: len(log) for partition, log in self.logs.items()}
        self.run(self.process.start(f"cluster-{self.clusters}", ends))

    def step(self, process, partition, start, size):
        self.run(process.step(partition, self.logs[partition][start : start + size]))

    def waiting(self, process):
        return [each for each in LOGS if process.following[each] < len(self.logs[each])]

    @rule(batch=st.lists(records, min_size=1, max_size=12))
    def publish(self, batch):
        for record in batch:
            message = record_message(record, "tests")
            partition = TopicPartition(message.topic, partition_of(message.key, PARTITIONS[message.topic]))
            log = self.logs[partition]
            log.append(SimpleNamespace(key=message.key, value=message.value, offset=len(log)))
            self.published.append(record)

    @rule(start=somewhere, size=sizes)
    def publish_again(self, start, size):
        self.publish(self.published[start % len(self.published) :][:size])

    @precondition(lambda self: self.waiting(self.process))
    @rule(which=somewhere, size=sizes, dies=st.none() | st.sampled_from(MOMENTS))
    def count(self, which, size, dies):
        waiting = self.waiting(self.process)
        partition = waiting[which % len(waiting)]
        self.process.store.dies = dies
        try:
            self.step(self.process, partition, self.process.following[partition], size)
        except (Died, Unavailable):
            self.start()
        self.process.store.dies = None

    @precondition(lambda self: self.waiting(self.process))
    @rule(which=somewhere, size=sizes)
    def die_with_a_commit_under_way_that_arrives_late(self, which, size):
        self.count(which, size, "while its commit is under way")

    @precondition(lambda self: self.under_way)
    @rule()
    def a_commit_arrives_late(self):
        try:
            self.run(self.store.commit(*self.under_way.pop(0)))
        except Fenced:
            return

    @rule(partition=st.sampled_from(LOGS), back=sizes, size=sizes)
    def redeliver(self, partition, back, size):
        self.step(self.process, partition, max(0, self.process.following[partition] - back), size)

    @rule()
    def restart(self):
        self.start()

    @rule()
    def restart_beside_a_process_that_goes_on(self):
        self.old.append(self.process)
        self.start()

    @precondition(lambda self: self.old and self.waiting(self.old[-1]))
    @rule(which=somewhere, size=sizes)
    def an_old_process_counts(self, which, size):
        process = self.old[-1]
        waiting = self.waiting(process)
        partition = waiting[which % len(waiting)]
        try:
            self.step(process, partition, process.following[partition], size)
        except Unavailable:
            self.old.remove(process)

    @rule()
    def the_log_moves_to_another_cluster(self):
        self.clusters += 1
        self.start()

    @rule(partition=st.sampled_from(LOGS), end=st.integers(0, 3))
    def the_log_ends_before_the_position(self, partition, end):
        ends = {each: len(log) for each, log in self.logs.items()}
        self.start(ends | {partition: min(end, ends[partition])})

    @rule()
    def somebody_asks(self):
        """What a reader has counted so far must not spoil what it counts later."""
        self.run(self.reader.sums("crime", "one", WINDOWS))

    def teardown(self):
        for _ in range(MOST_ATTEMPTS):
            if self.waiting(self.process):
                self.count(0, 10**6, None)
        assert not self.waiting(self.process)
        self.run(self.compare(self.reader))
        self.run(self.compare(Reader(self.redis, LAYOUTS)))

    async def compare(self, reader):
        for dataset in ("one", "two"):
            model = [expected(self.published, dataset, window) for window in WINDOWS]
            for kind in ("crime", "call"):
                sums = await reader.sums(kind, dataset, WINDOWS)
                found = [cells(matrix, reader.layout(kind)) for matrix in sums]
                assert found == [of_kind(sums, reader.layout(kind)) for sums in model]
            # Small counts are the test's own, and every one is to be seen.
            everything = Suppression(reference(), Rule(below=0))
            await self.compare_answers(Queries(reader, CLOCK, reference(), None, everything), dataset, model[-2])

    async def compare_answers(self, queries, dataset, model):
        measures = [measure for measure in KNOWN.measures if measure.of == "crime" and measure.id in MODELLED]
        figures, _ = await queries.figures_by_area(measures, list(KNOWN.areas), dataset, [EVERYTHING])
        for (measure, row), (figure,) in figures.items():
            count = model.get((AREA_IDS[row], measure), 0)
            assert figure.status in ("partial", "complete", "no-data")
            # Violence outside domestic abuse cannot be told where a dataset never marks domestic abuse.
            unknowable = measure == "non-domestic-abuse-violence-with-injury"
            assert figure.value == count or (figure.value is None and (count == 0 or unknowable))


def cells(matrix, layout):
    """The modelled cells that are not zero, by area and measure."""
    places = {name: column for name, column in layout.places.items() if name in MODELLED}
    found = {(AREA_IDS[row], name): int(matrix[row, column]) for name, column in places.items() for row in AREA_IDS}
    return {cell: count for cell, count in found.items() if count}


def of_kind(sums, layout):
    return {(area, measure): count for (area, measure), count in sums.items() if measure in layout.places}


@pytest.fixture
def run():
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def redis(redis_url, run):
    redis = Redis.from_url(redis_url)
    yield redis
    run(redis.aclose())


def test_every_count_is_the_models_whatever_arrives_and_whatever_dies(run, redis):
    run_state_machine_as_test(
        lambda: Counting(run, redis),
        settings=settings(max_examples=50, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
