"""The projector's own decisions: where a partition is read on, what is put aside, what is known to be missing."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from services.metrics.consumer import layouts, readers
from services.metrics.periods import Window
from services.metrics.projector import Projector
from services.metrics.queries import Queries
from services.metrics.states import names
from services.metrics.steps import work_out
from services.metrics.store import Applied, Fenced, Projection, Reader, connect
from shared.clock import FixedClock
from shared.errors import Unavailable
from shared.events import Crime, Indicator, record_message, topics
from shared.reference import reference

KNOWN = reference()
LAYOUTS = layouts(KNOWN)
CLOCK = FixedClock(datetime(2024, 6, 1, tzinfo=UTC))
CRIMES = TopicPartition(topics.CRIMES, 0)
MARCH = Window(date(2024, 3, 1), date(2024, 3, 31))
TOTAL = KNOWN.measures.resolve("total-notifiable-offences")
LONDON = KNOWN.areas.resolve("London")


class Kept:
    """Dead letters that stay here."""

    def __init__(self):
        self.letters = []

    async def put(self, rejected):
        self.letters += [(record.offset, reason) for record, reason in rejected]


def crime(number, **fields):
    known = {"status": "recorded", "recorded_on": "2024-03-05", "area": "E09000007", "offence": "rape"}
    return Crime(crime_id=f"c{number}", dataset="live", **(known | fields))


def log_of(*records, start=0):
    """A log as Kafka hands it out; bytes stand for a value that is not an event."""
    messages = [(b"k", each) if isinstance(each, bytes) else record_message(each, "tests")[1:3] for each in records]
    return [SimpleNamespace(key=key, value=value, offset=start + n) for n, (key, value) in enumerate(messages)]


@pytest.fixture
async def world(redis_url):
    """A projector, what it put aside, its store, and the answers from what it counted."""
    redis, kept = connect(redis_url), Kept()
    store, reader = Projection(redis, CLOCK), Reader(redis, LAYOUTS)
    yield SimpleNamespace(
        projector=Projector(store, readers(KNOWN), kept, CLOCK),
        another=Projector(store, readers(KNOWN), kept, CLOCK),
        store=store,
        reader=reader,
        kept=kept,
        answer=lambda: Queries(reader, CLOCK, reference()).compare(
            TOTAL, LONDON, "live", "custom", MARCH, "year-before"
        ),
    )
    await redis.aclose()


@pytest.mark.parametrize(
    ("unfit", "reason"),
    [
        (crime(2, offence="jaywalking"), "jaywalking"),
        (crime(2, area="Atlantis"), "Atlantis"),
        (crime(2, flags=("tartan",)), "tartan"),
        (crime(2, recorded_on="2024-02-30"), "2024-02-30"),
        (crime(2, recorded_on="1066-10-14"), "1066-10-14"),
        (crime(2, recorded_on="9999-12"), "9999-12"),
        (b"{", "truncated"),
        (b'{"crime_id": 5}', "recorded_on"),
    ],
    ids=str,
)
async def test_what_cannot_be_counted_is_put_aside_with_its_reason_and_the_batch_goes_on(world, unfit, reason):
    await world.projector.start_at(CRIMES, "c", 0, 3)
    assert await world.projector.apply(CRIMES, log_of(crime(1), unfit, crime(3))) == 3
    ((offset, told),) = world.kept.letters
    assert (offset, reason in told) == (1, True)
    answer = await world.answer()
    assert (answer["value"], answer["status"]) == (2, "partial")  # the last day with data is the 5th


class Stumbling:
    """Reads crimes as the service does, and stumbles over those whose text holds `stumble`, alone or among others."""

    def __init__(self, reader):
        self._reader, self.dtype = reader, reader.dtype

    def of(self, values):
        if any(b"stumble" in value for value in values):
            raise IndexError("a fault of the code")
        return self._reader.of(values)


async def test_a_record_over_which_the_code_stumbles_is_put_aside_with_the_fault_and_the_batch_goes_on(world):
    reader = Stumbling(readers(KNOWN)[topics.CRIMES])
    projector = Projector(world.store, {topics.CRIMES: reader}, world.kept, CLOCK)
    await projector.start_at(CRIMES, "c", 0, 4)
    assert await projector.apply(CRIMES, log_of(crime(1), crime("stumble"), b"{", crime(3))) == 4
    (offset, fault), (other, refusal) = world.kept.letters
    assert (offset, repr(fault)) == (1, "IndexError('a fault of the code')")
    assert (other, type(refusal)) == (2, str)
    assert (await world.answer())["value"] == 2


async def test_a_record_that_can_be_read_and_not_applied_is_put_aside_with_the_fault(world, monkeypatch):
    log = log_of(crime(1), crime(2), crime(3))
    overflowing = names([log[1].key])

    def stumbling(batch, stored, today):
        if overflowing in batch.names:
            raise OverflowError("a fault of the arithmetic")
        return work_out(batch, stored, today)

    monkeypatch.setattr("services.metrics.projector.work_out", stumbling)
    await world.projector.start_at(CRIMES, "c", 0, 3)
    assert await world.projector.apply(CRIMES, log) == 3
    ((offset, fault),) = world.kept.letters
    assert (offset, repr(fault)) == (1, "OverflowError('a fault of the arithmetic')")
    assert (await world.answer())["value"] == 2


async def test_a_batch_in_which_nothing_can_be_counted_is_left_behind(world):
    await world.projector.start_at(CRIMES, "c", 0, 2)
    assert await world.projector.apply(CRIMES, log_of(b"{", b"{")) == 2
    assert [offset for offset, _ in world.kept.letters] == [0, 1]
    assert await world.another.start_at(CRIMES, "c", 0, 2) == 2


@pytest.mark.parametrize("fault", [Unavailable("Redis does not answer"), ValueError("a state of another size")])
async def test_what_redis_answers_or_does_not_is_no_fault_of_a_record(world, fault):
    async def failing(*_):
        raise fault

    await world.projector.start_at(CRIMES, "c", 0, 1)
    world.projector._store.states = failing
    with pytest.raises(type(fault)):
        await world.projector.apply(CRIMES, log_of(crime(1)))
    assert world.kept.letters == []


async def test_an_indicator_of_no_period_is_put_aside(world):
    place = TopicPartition(topics.INDICATORS, 0)
    await world.projector.start_at(place, "c", 0, 2)
    posted = [
        Indicator(indicator="good-job", area=LONDON.id, period=period, value=68, unit="percent", status="final")
        for period in ("whenever", "2017-18-Q1")
    ]
    assert await world.projector.apply(place, log_of(*posted)) == 2
    assert [offset for offset, _ in world.kept.letters] == [0]
    assert [each.period for each in await world.reader.indicators("live")] == ["2017-18-Q1"]


async def test_a_batch_is_not_counted_before_its_dead_letters_are_kept(world):
    async def refuse(rejected):
        raise Unavailable("Kafka does not answer")

    await world.projector.start_at(CRIMES, "c", 0, 2)
    world.kept.put = refuse
    with pytest.raises(Unavailable):
        await world.projector.apply(CRIMES, log_of(crime(1), b"{"))
    assert (await world.answer())["status"] == "no-data"
    assert await world.another.start_at(CRIMES, "c", 0, 2) == 0


async def test_a_gap_in_the_log_while_reading_marks_results_incomplete(world):
    await world.projector.start_at(CRIMES, "c", 0, 9)
    await world.projector.apply(CRIMES, log_of(crime(1)))
    assert await world.projector.apply(CRIMES, log_of(crime(8), start=8)) == 9
    answer = await world.answer()
    assert (answer["value"], answer["status"]) == (2, "incomplete")


async def test_a_log_that_lost_its_beginning_while_nobody_read_marks_results_incomplete(world):
    await world.projector.start_at(CRIMES, "c", 0, 1)
    await world.projector.apply(CRIMES, log_of(crime(1)))
    assert await world.another.start_at(CRIMES, "c", 7, 9) == 7
    await world.another.apply(CRIMES, log_of(crime(8), crime(9), start=7))
    answer = await world.answer()
    assert (answer["value"], answer["status"]) == (3, "incomplete")


@pytest.mark.parametrize(("cluster", "end"), [("another", 5), ("c", 1)], ids=["another cluster", "a shorter log"])
async def test_a_log_that_is_not_the_one_that_was_read_is_read_from_its_start_and_changes_nothing(world, cluster, end):
    log = log_of(crime(1), crime(2), crime(2, revision=2, offence="arson"))
    await world.projector.start_at(CRIMES, "c", 0, 3)
    await world.projector.apply(CRIMES, log)
    before = await world.answer()
    assert await world.another.start_at(CRIMES, cluster, 0, end) == 0
    await world.another.apply(CRIMES, log)
    assert await world.answer() == before
    assert before["value"] == 2


async def test_the_same_log_is_read_on_from_the_stored_position(world):
    await world.projector.start_at(CRIMES, "c", 0, 3)
    await world.projector.apply(CRIMES, log_of(crime(1), crime(2)))
    assert await world.another.start_at(CRIMES, "c", 0, 3) == 2


async def test_a_step_that_began_before_the_log_was_read_again_is_refused_at_the_same_offset(world):
    log = log_of(crime(1), crime(2))
    await world.projector.start_at(CRIMES, "c", 0, 2)
    await world.projector.apply(CRIMES, log[:1])
    position = await world.store.position(CRIMES)
    late = await world.projector._step(CRIMES, log[1:])
    await world.projector.apply(CRIMES, log[1:])
    await world.another.start_at(CRIMES, "c", 0, 1)
    await world.another.apply(CRIMES, log[:1])
    assert (await world.store.position(CRIMES))[:2] == position[:2]
    with pytest.raises(Fenced):
        await world.store.commit(CRIMES, position, 2, late)
    assert (await world.answer())["value"] == 2


async def test_a_process_that_was_overtaken_reads_on_where_the_other_stands(world):
    log = log_of(crime(1), crime(2), crime(3))
    for projector in (world.projector, world.another):
        await projector.start_at(CRIMES, "c", 0, 3)
    await world.another.apply(CRIMES, log[:2])
    assert await world.projector.apply(CRIMES, log[:1]) == 2
    assert await world.projector.apply(CRIMES, log[2:]) == 3
    assert (await world.answer())["value"] == 3


async def test_a_process_whose_log_was_replaced_meanwhile_starts_again(world):
    await world.projector.start_at(CRIMES, "c", 0, 1)
    await world.another.start_at(CRIMES, "another", 0, 1)
    with pytest.raises(Unavailable, match="another log"):
        await world.projector.apply(CRIMES, log_of(crime(1)))


async def test_a_counted_zero_is_zero_and_never_no_data(world):
    await world.projector.start_at(CRIMES, "c", 0, 2)
    await world.projector.apply(CRIMES, log_of(crime(1), crime(1, revision=2, status="cancelled")))
    answer = await world.answer()
    assert (answer["value"], answer["baseline"]["value"], answer["percent_change"]) == (0, None, None)


async def test_a_record_of_london_as_a_whole_counts_once_in_london(world):
    await world.projector.start_at(CRIMES, "c", 0, 1)
    await world.projector.apply(CRIMES, log_of(crime(1, area=LONDON.id)))
    assert (await world.answer())["value"] == 1


async def test_it_is_known_up_to_which_offset_each_partition_has_been_counted(world):
    await world.projector.start_at(CRIMES, "c", 0, 3)
    assert await world.reader.positions(["crime", "call"]) == [Applied(topics.CRIMES, 0, "c", 0)]
    await world.projector.apply(CRIMES, log_of(crime(1), crime(2), crime(3)))
    assert await world.reader.positions(["crime", "call"]) == [Applied(topics.CRIMES, 0, "c", 3)]
    (source,) = await Queries(world.reader, CLOCK, KNOWN).sources(["crime"], "live")
    assert source[1].records == 3


async def test_who_posted_figures_is_known_with_the_last_day_of_their_periods(world):
    place = TopicPartition(topics.INDICATORS, 0)
    await world.projector.start_at(place, "c", 0, 2)
    known = {"indicator": "police-officers", "area": "E12000007", "unit": "people", "status": "final"}
    posted = [Indicator(period=period, value=30_000, **known) for period in ("2016-17-Q4", "2017-18-Q1")]
    await world.projector.apply(place, log_of(*posted))
    (source,) = await world.reader.sources("indicator")
    assert (source.source, source.dataset, source.records) == ("tests", "live", 2)
    assert source.last_day == date(2017, 6, 30)
    assert len(await world.reader.indicators("live")) == 2
