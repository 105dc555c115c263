"""Questions of mixed kinds: what is read for them, and what is answered."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.metrics.periods import Window, window_ending, year_before
from services.metrics.queries import Queries, Reach
from shared.clock import FixedClock
from shared.events import Indicator
from shared.reference import Vocabulary, reference
from shared.reference.measures import Measure
from tests.unit.metrics.fake_reader import FakeReader

CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))
LONDON, CAMDEN = "E12000007", "E09000007"
QUARTER = Window(date(2017, 4, 1), date(2017, 6, 30))
BEFORE = year_before("quarter", QUARTER)
REACH = {("mine", kind): "2014-01-01|2017-06-30" for kind in ("crime", "call", "stop")}


def rate(name, numerator, denominator, per=100, **fields):
    declared = {"title": name, "definition": "", "unit": "percent", "good": "up", "plan_area": "", "version": 1}
    return Measure(id=name, kind="rate", numerator=numerator, denominator=denominator, per=per, **(declared | fields))


@pytest.fixture(scope="module")
def declared():
    known = reference()
    made = [
        rate("test-detected", "sanction-detections", "total-notifiable-offences"),
        rate("test-calls-a-crime", "calls-999", "total-notifiable-offences", per=1000, unit="per 1,000"),
        rate("test-officers-a-call", "police-officers", "calls-999", per=1, unit="people"),
    ]
    return replace(known, measures=Vocabulary("measure", [*known.measures, *made]))


@pytest.fixture
def ask(declared):
    """Figures of measures by id in London, and what was read for them."""

    async def figures(*names, counted=None, posted=None, windows=(QUARTER, BEFORE), reach=REACH):
        london = declared.areas.resolve(LONDON)
        cells = {("mine", name, london.index, window): n for (name, window), n in (counted or {}).items()}
        reader = FakeReader(declared, reach, cells, {"mine": posted or []})
        measures = [declared.measures.resolve(name) for name in names]
        found, facts = await Queries(reader, CLOCK, declared).figures(measures, london, "mine", list(windows))
        return found, reader.asked, facts

    return figures


def officers(value, period="2017-18-Q1", indicator="police-officers"):
    fields = {"unit": "people", "status": "final", "dataset": "mine"}
    return Indicator(indicator=indicator, area=LONDON, period=period, value=value, **fields)


async def test_counts_of_one_kind_are_read_once_for_all_measures_and_windows(ask):
    found, asked, _ = await ask("total-burglary", "knife-crime", counted={("total-burglary", QUARTER): 5})
    assert [figure.value for figure in found["total-burglary"]] == [5, 0]
    assert sorted(asked) == [("extent", "crime", "mine"), ("sums", "crime", "mine")]


async def test_what_measures_are_computed_from_is_read_with_them_each_kind_once(ask):
    counted = {("calls-999", QUARTER): 40, ("total-notifiable-offences", QUARTER): 16_000}
    names = ("test-calls-a-crime", "test-officers-a-call", "calls-999", "total-notifiable-offences")
    found, asked, facts = await ask(*names, counted=counted, posted=[officers(30_720)])
    assert found["test-calls-a-crime"][0].value == 2.5
    assert found["test-officers-a-call"][0].value == 768
    assert sorted(asked) == [
        ("extent", "call", "mine"),
        ("extent", "crime", "mine"),
        ("indicators", "mine"),
        ("sums", "call", "mine"),
        ("sums", "crime", "mine"),
    ]
    assert facts.as_of == "2017-07-02T00:00:00Z"


async def test_a_rate_without_a_dataset_of_one_of_its_kinds_has_no_data(ask):
    only_crimes = {("mine", "crime"): REACH["mine", "crime"]}
    found, _, _ = await ask("test-calls-a-crime", "total-notifiable-offences", reach=only_crimes)
    assert found["test-calls-a-crime"][0].status == "no-data"
    assert found["total-notifiable-offences"][0].status == "complete"


async def test_figures_of_areas_stand_by_measure_and_area(declared):
    areas = [declared.areas.resolve(each) for each in (LONDON, CAMDEN, "Barnet")]
    cells = {("mine", "knife-crime", area.index, QUARTER): 10 * area.index + 1 for area in areas}
    queries = Queries(FakeReader(declared, REACH, cells), CLOCK, declared)
    knives = declared.measures.resolve("knife-crime")
    found, _ = await queries.figures_by_area([knives], areas, "mine", [BEFORE, QUARTER])
    assert {key: [each.value for each in figures] for key, figures in found.items()} == {
        ("knife-crime", area.index): [0, 10 * area.index + 1] for area in areas
    }


@pytest.mark.parametrize(
    ("measure", "kind"),
    [
        ("knife-crime", "crime"),
        ("calls-999", "call"),
        ("stops-and-searches", "stop"),
        ("test-calls-a-crime", "call"),  # its numerator's
        ("test-officers-a-call", "call"),
    ],
)
def test_a_measure_is_asked_for_the_days_that_its_records_reach(declared, measure, kind):
    reach = Queries(FakeReader(declared), CLOCK, declared).reach_of(declared.measures.resolve(measure))
    assert reach == Reach(kind)


async def test_a_posted_measure_is_asked_for_where_it_was_posted_and_to_the_last_period_that_is_over(declared):
    known = declared.measures
    posted = {"demo": [officers(30_000)], "live": [officers(1, indicator="police-staff", period="2030-31")]}
    queries = Queries(
        FakeReader(declared, {("live", "crime"): "2016-01-01|2017-06-30"}, posted=posted), CLOCK, declared
    )
    reach = queries.reach_of(known.resolve("police-officers"))
    assert reach == Reach("", frozenset({"police-officers"}))
    assert await queries.dataset_for(reach, None) == "demo"
    assert await queries.dataset_for(reach, QUARTER) == "demo"
    assert await queries.last_day(reach, "demo") == QUARTER.last
    assert not await queries.reaches(reach, "demo", window_ending("quarter", date(2017, 9, 30)))
    assert await queries.last_day(reach, "live") == queries.today  # nothing of it is there


async def test_posted_figures_are_sorted_anew_only_when_there_is_news(declared):
    reader = FakeReader(declared, posted={"mine": [officers(30_000)]})
    queries = Queries(reader, CLOCK, declared)

    async def value():
        measure, london = declared.measures.resolve("police-officers"), declared.areas.resolve(LONDON)
        return (await queries.figures([measure], london, "mine", [QUARTER]))[0][measure.id][0].value

    assert (await value(), await value()) == (30_000, 30_000)
    reader.posted["mine"] = [officers(31_000)]
    assert await value() == 31_000


async def test_a_series_says_which_days_are_missing_of_all_its_points_together(declared):
    queries = Queries(FakeReader(declared, REACH), CLOCK, declared)
    asked = (declared.measures.resolve("knife-crime"), declared.areas.resolve(LONDON), "mine")
    answer = await queries.series(*asked, Window(date(2017, 5, 1), date(2017, 8, 31)), "month")
    assert [(point["value"], point["status"]) for point in answer["points"]] == [
        (0, "complete"),
        (0, "complete"),
        (None, "no-data"),
        (None, "no-data"),
    ]
    assert answer["missing"] == [
        {"from": "2017-07-01", "to": "2017-08-31", "reason": "no data", "measure": "knife-crime"}
    ]
