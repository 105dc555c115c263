"""What the routes answer, over a reader of made-up counts."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx
import pytest

from services.metrics import api
from services.metrics.periods import Window, window_ending, year_before
from services.metrics.queries import Queries
from services.metrics.tables import Tables
from shared.clock import FixedClock
from shared.events import Indicator
from shared.reference import reference
from shared.web import make_app
from tests.unit.metrics.fake_reader import FakeReader

CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))
LONDON, CAMDEN = "E12000007", "E09000007"
QUARTER, YEAR = (window_ending(name, date(2017, 6, 30)) for name in ("quarter", "12m"))
BASELINE = Window(date(2011, 4, 1), date(2012, 3, 31))
COUNTS = {
    ("domestic-abuse", QUARTER): 19_989,
    ("domestic-abuse", year_before("quarter", QUARTER)): 19_989 - 976,
    ("domestic-abuse", window_ending("quarter", date(2017, 3, 31))): 18_000,
    ("domestic-abuse", YEAR): 75_664,
    ("domestic-abuse", year_before("12m", YEAR)): 75_068,
    ("total-robbery", QUARTER): 90,
    ("total-robbery", year_before("quarter", QUARTER)): 100,
    ("total-burglary", BASELINE): 100_000,
    ("total-burglary", window_ending("12m", date(2014, 3, 31))): 89_999,
}


def posted(indicator, period, value, unit="people"):
    return Indicator(indicator=indicator, area=LONDON, period=period, value=value, unit=unit, status="final")


POSTED = [
    posted("dedicated-ward-officers", "2017-06", 1171),
    posted("good-job", "2016-17-Q1", 67.2, "percent"),
    posted("good-job", "2017-18-Q1", 68.64, "percent"),
]


@asynccontextmanager
async def nothing(_app):
    yield


@pytest.fixture(scope="module")
def client():
    known = reference()
    london = known.areas.resolve(LONDON).index
    cells = {("live", name, london, window): count for (name, window), count in COUNTS.items()}
    reader = FakeReader(known, {("live", "crime"): "2010-04-01|2017-06-30"}, cells, {"live": POSTED})
    queries = Queries(reader, CLOCK, known)
    app = make_app("metrics", summary="", lifespan=nothing, checks={})
    app.include_router(api.router(known, queries, Tables(queries, known, reader)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://metrics")


@pytest.fixture
def ask(client):
    async def answer(path, **asked):
        return (await client.get(path, params={name.rstrip("_"): value for name, value in asked.items()})).json()

    return answer


@pytest.fixture
def refused(client):
    async def errors(path, **asked):
        answer = await client.get(path, params=asked)
        assert answer.status_code == 422, answer.text
        return {error["field"]: error["message"] for error in answer.json()["errors"]}

    return errors


async def test_a_count_is_compared_and_judged(ask):
    answer = await ask("/v1/compare", measure="domestic-abuse", window="quarter", end="2017-06-30")
    assert (answer["value"], answer["change"], answer["percent_change"]) == (19_989, 976, 5.1)
    assert (answer["unit"], answer["change_unit"], answer["verdict"]) == (
        "offences",
        "offences",
        "neither",
    )  # more reports are asked for
    assert (answer["status"], answer["missing"], answer["baseline"]["missing"]) == ("complete", [], [])


async def test_fewer_robberies_are_better(ask):
    answer = await ask("/v1/compare", measure="total-robbery", window="quarter", end="2017-06-30")
    assert (answer["percent_change"], answer["verdict"]) == (-10.0, "improving")
    answer = await ask("/v1/verdicts", measure="total-robbery", end="2017-06-30")
    assert (answer["last_quarter"]["verdict"], answer["long_term"]["verdict"]) == ("worsening", "no change")


async def test_a_survey_changes_by_points(ask):
    answer = await ask("/v1/compare", measure="good-job", window="quarter", end="2017-06-30")
    assert (answer["value"], answer["baseline"]["value"], answer["change"]) == (68.64, 67.2, 1.4)
    assert (answer["change_unit"], answer["percent_change"], answer["verdict"]) == ("points", None, "improving")


async def test_what_is_missing_is_said_of_both_sides(ask):
    answer = await ask(
        "/v1/compare", measure="domestic-abuse", window="quarter", end="2017-09-30", against="period-before"
    )
    assert (answer["status"], answer["verdict"]) == ("no-data", "not known")
    late = await ask("/v1/compare", measure="domestic-abuse", window="3m", end="2017-07-31")
    assert (late["status"], late["verdict"]) == ("partial", "not known")
    assert late["missing"] == [
        {"from": "2017-07-01", "to": "2017-07-31", "reason": "no data", "measure": "domestic-abuse"}
    ]


async def test_a_target_is_what_a_measure_is_compared_with(ask):
    answer = await ask("/v1/compare", measure="dedicated-ward-officers", end="2017-06-30", against="target")
    assert (answer["value"], answer["baseline"]["value"], answer["change"]) == (1171, 1258, -87)
    assert (answer["on_track"], answer["verdict"]) == (False, None)
    assert answer["baseline"]["target"]["by"] == "2017-12-31"


async def test_a_target_on_its_way_is_what_its_trajectory_asks_for(ask):
    answer = await ask("/v1/compare", measure="total-burglary", end="2014-03-31", against="target")
    assert (answer["value"], answer["baseline"]["value"], answer["change"]) == (89_999, 90_000, -1)
    assert answer["on_track"] is True
    target = answer["baseline"]["target"]
    assert target["baseline"] == {"from": "2011-04-01", "to": "2012-03-31", "value": 100_000}
    assert (target["final"], target["trajectory_value"], target["title"] != "") == (80_000, 90_000, True)


async def test_a_target_is_asked_for_where_there_is_one(refused):
    asked = {"against": "target", "end": "2017-06-30"}
    assert "total-burglary" in (await refused("/v1/compare", measure="knife-crime", **asked))["against"]
    other = {**asked, "measure": "total-burglary"}
    assert "is for London" in (await refused("/v1/compare", area="Camden", **other))["area"]
    assert "'12m'" in (await refused("/v1/compare", window="quarter", **other))["window"]


async def test_the_last_quarter_and_the_long_term_are_judged_apart(ask):
    answer = await ask("/v1/verdicts", measure="domestic-abuse", end="2017-08-01")
    quarter, year = answer["last_quarter"], answer["long_term"]
    assert (quarter["window"]["to"], quarter["baseline"]["to"]) == ("2017-06-30", "2017-03-31")
    assert (quarter["change"], quarter["verdict"]) == (1_989, "neither")
    assert (year["window"]["from"], year["baseline"]["to"]) == ("2016-07-01", "2016-06-30")
    assert (year["value"], year["change"], year["percent_change"]) == (75_664, 596, 0.8)
    assert await ask("/v1/verdicts", measure="domestic-abuse") == answer  # the last whole quarter with data


async def test_measures_are_found_by_kind_by_plan_area_and_by_their_words(ask):
    every = (await ask("/v1/measures"))["measures"]
    counts = (await ask("/v1/measures", kind="count"))["measures"]
    assert counts == [each for each in every if each["kind"] == "count"] != every
    area = (await ask("/v1/measures", plan_area="keeping CHILDREN and young people safe"))["measures"]
    assert "knife-crime" in [each["id"] for each in area]
    assert len({each["plan_area"] for each in area}) == 1
    assert "gun-crime" in [each["id"] for each in (await ask("/v1/measures", q="crime GUN"))["measures"]]
    assert (await ask("/v1/measures", q="moped", kind="indicator"))["measures"] == []


async def test_a_measure_is_described_with_the_fields_of_its_kind(ask):
    burglary = await ask("/v1/measures/total-burglary")
    assert (burglary["of"], burglary["all"], burglary["weight"]) == ("crime", ["group:burglary"], "records")
    assert "over" not in burglary
    assert burglary["target"]["percent"] == -20
    officers = await ask("/v1/measures/police-officers")
    assert officers["over"] in ("last", "standing")
    assert "of" not in officers


async def test_what_is_wrong_is_named_with_the_nearest_that_is_right(refused):
    assert (
        "Keeping children and young people safe"
        in (await refused("/v1/measures", plan_area="keeping children & people safe"))["plan_area"]
    )
    assert "'percentile'" in (await refused("/v1/measures", kind="percentiles"))["kind"]
    assert list(await refused("/v1/measures", query="gun")) == ["query"]
    assert "Knife Crime" in (await refused("/v1/verdicts", measure="knive-crime"))["measure"]
    assert "Camden" in (await refused("/v1/verdicts", measure="knife-crime", area="Camdem"))["area"]
    assert "'target'" in (await refused("/v1/compare", measure="knife-crime", against="targets"))["against"]


@pytest.mark.parametrize("measure", ["domestic-abuse", "good-job", "dedicated-ward-officers"])
async def test_a_series_is_answered_for_every_kind_of_measure(ask, measure):
    span = {"from": "2017-01-01", "to": "2017-06-30"}
    answer = await ask("/v1/series", measure=measure, interval="quarter", **span)
    assert [point["to"] for point in answer["points"]] == ["2017-03-31", "2017-06-30"]
    assert answer["points"][1]["value"] is not None


FRAUD = {"measure": "total-notifiable-offences", "window": "quarter", "end": "2013-06-30"}


async def test_a_comparison_across_a_registered_break_is_refused_with_the_reason(refused):
    told = (await refused("/v1/compare", **FRAUD))["across_breaks"]
    assert "1 February 2013" in told
    assert "Action Fraud" in told
    assert "across_breaks=true" in told


async def test_a_comparison_across_a_break_is_given_when_it_is_asked_for(ask):
    answer = await ask("/v1/compare", **FRAUD, across_breaks="true")
    assert (answer["window"]["to"], answer["baseline"]["to"]) == ("2013-06-30", "2012-06-30")
    assert [(each["id"], each["on"]) for each in answer["breaks"]] == [("fraud-to-action-fraud", "2013-02-01")]


async def test_a_comparison_that_crosses_no_break_says_so(ask):
    answer = await ask("/v1/compare", **FRAUD | {"end": "2014-06-30"})
    assert answer["breaks"] == []


async def test_verdicts_across_a_break_are_refused_and_given_when_asked_for(ask, refused):
    asked = {"measure": "total-notifiable-offences", "end": "2014-09-30"}
    assert "Action Fraud" in (await refused("/v1/verdicts", **asked))["across_breaks"]
    assert len((await ask("/v1/verdicts", **asked, across_breaks="true"))["breaks"]) == 1
