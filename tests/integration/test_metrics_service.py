"""What the metrics service answers about events that reached it through Kafka."""

import asyncio
import csv
import io
from datetime import UTC, date, datetime

import pytest

from shared.events import Call, Crime, CrimeCount, Indicator, Outcome, Stop
from tests.integration.metrics import Metrics, assert_problem, publishing, status, unique

CAMDEN, LONDON = "E09000007", "E12000007"
LOADED, MONTHLY, OTHER, EMPTY = (unique(name) for name in ("daily", "monthly", "other", "empty"))


def crimes():
    """One burglary a day in Camden, of which the first of each month was detected; knives on the fifth."""
    first, last = date(2014, 1, 1), date(2017, 6, 30)
    for number in range((last - first).days + 1):
        day = date.fromordinal(first.toordinal() + number)
        yield Crime(
            crime_id=f"daily-{number}",
            status="recorded",
            recorded_on=day.isoformat(),
            area=CAMDEN,
            offence="domestic-burglary",
            flags=("knife-crime",) if day.day == 5 else (),
            outcome=Outcome(type="charged", on=day.isoformat()) if day.day == 1 else None,
            dataset=LOADED,
        )


def others():
    """What else is published: the same ids in another dataset, thefts by the month, calls, stops, a survey."""
    yield Crime(
        crime_id="daily-1",
        status="recorded",
        recorded_on="2017-06-30",
        area=CAMDEN,
        offence="arson",
        dataset=OTHER,
    )
    for month, count in (("2016-06", 0), ("2017-05", 40), ("2017-06", 50)):
        yield CrimeCount(area=CAMDEN, offence="theft-from-the-person", month=month, count=count, dataset=MONTHLY)
    at = datetime(2017, 6, 29, 12, tzinfo=UTC)
    for number, line in enumerate((999, 999, 101)):
        call = {"kind": "asb", "category": "anti-social-behaviour", "area": CAMDEN, "dataset": LOADED}
        yield Call(call_id=f"{number}", received_at=at, line=line, abandoned=number == 0, **call)
    stop = {"power": "terrorism-section-43", "object": "drugs", "outcome": "arrested", "dataset": LOADED}
    yield Stop(stop_id="1", stopped_at=at, area=CAMDEN, **stop)
    survey = {"indicator": "good-job", "area": LONDON, "unit": "percent", "status": "final", "dataset": LOADED}
    for period, value in (("2016-17-Q1", 66.5), ("2017-18-Q1", 68)):
        yield Indicator(period=period, value=value, **survey)


@pytest.fixture(scope="module")
def metrics(parts):
    parts.redis.flush()
    with Metrics(parts) as metrics:
        yield metrics


@pytest.fixture(scope="module", autouse=True)
def loaded(metrics):
    async def load():
        async with publishing(metrics.kafka) as publish:
            await publish([*crimes(), *others()])
        await metrics.caught_up()

    asyncio.run(load())


@pytest.mark.parametrize(
    ("window", "against", "value", "baseline"),
    [
        ("week", "year-before", 7, 7),
        ("month", "year-before", 30, 30),
        ("month", "period-before", 30, 31),
        ("3m", "period-before", 91, 90),
        ("quarter", "year-before", 91, 91),
        ("quarter", "3y-average", 91, 91),
        ("12m", "year-before", 365, 366),  # 2016 was a leap year
        ("12m", "period-before", 365, 366),
        ("fytd", "year-before", 91, 91),
    ],
)
def test_a_measure_is_compared_in_every_window(metrics, window, against, value, baseline):
    asked = {"window": window, "against": against, "end": "2017-06-30", "area": CAMDEN}
    answer = metrics.compare("total-burglary", LOADED, **asked)
    assert status(answer) == (value, baseline, "complete")
    assert answer["change"] == value - baseline
    assert answer["percent_change"] == round(100 * (value - baseline) / baseline, 1)
    assert answer["window"]["to"] == "2017-06-30"
    assert (answer["measure"], answer["area"], answer["dataset"]) == ("total-burglary", CAMDEN, LOADED)


def test_a_custom_window_is_compared_with_the_days_that_are_named(metrics):
    asked = {"window": "custom", "from_": "2017-02-10", "to": "2017-03-15"}
    named = {"against": "baseline", "baseline_from": "2016-02-10", "baseline_to": "2016-03-15"}
    assert status(metrics.compare("total-burglary", LOADED, **asked, **named)) == (34, 35, "complete")
    assert status(metrics.compare("total-burglary", LOADED, **asked)) == (34, 35, "complete")


@pytest.mark.parametrize("area", ["Camden", "camden", "CAMDEN", CAMDEN])
def test_an_area_is_known_by_its_code_and_by_its_name_in_any_case(metrics, area):
    assert metrics.compare("knife-crime", LOADED, area=area, end="2017-06-30")["value"] == 12


def test_an_area_without_a_crime_counts_zero_where_the_dataset_counts_the_measure(metrics):
    answer = metrics.compare("total-burglary", LOADED, area="Barnet", end="2017-06-30")
    assert (status(answer), answer["percent_change"]) == ((0, 0, "complete"), None)


@pytest.mark.parametrize(
    ("measure", "value"),
    [("calls-999", 2), ("calls-101", 1), ("calls-999-abandoned", 1), ("asb-calls", 3), ("stops-and-searches", 1)],
)
def test_calls_and_stops_are_counted_apart_from_crimes(metrics, measure, value):
    answer = metrics.compare(measure, LOADED, end="2017-06-29", window="week")
    assert (answer["value"], answer["baseline"]["value"], answer["change"]) == (value, None, None)


def test_detections_count_on_the_day_of_the_outcome(metrics):
    assert status(metrics.compare("sanction-detections", LOADED, end="2017-06-30")) == (12, 12, "complete")


def test_an_indicator_answers_with_its_latest_figure_and_a_change_in_points(metrics):
    answer = metrics.compare("good-job", LOADED, window="quarter", end="2017-06-30")
    assert (status(answer), answer["change"]) == ((68, 66.5, "complete"), 1.5)
    assert (answer["change_unit"], answer["percent_change"], answer["verdict"]) == ("points", None, "improving")


def test_a_rate_divides_what_was_counted_in_the_window(metrics):
    answer = metrics.compare("sanction-detection-rate", LOADED, end="2017-06-30")
    assert answer["value"] == round(100 * 12 / 365, 4)
    assert [part["value"] for part in answer["parts"]] == [12, 365]
    assert (answer["change_unit"], answer["verdict"]) == ("points", "no change")  # of 366 days a year before


def test_a_count_is_held_to_its_target(metrics):
    answer = metrics.compare("total-burglary", LOADED, end="2016-03-31", against="target")
    assert (answer["value"], answer["baseline"]["value"], answer["on_track"]) == (366, None, None)
    refused = metrics.ask("/v1/compare", measure="knife-crime", against="target", dataset=LOADED)
    assert_problem(refused, "against")


def test_the_quarter_and_the_year_are_judged(metrics):
    answer = metrics.ask("/v1/verdicts", measure="total-burglary", area=CAMDEN, dataset=LOADED).json()
    quarter, year = answer["last_quarter"], answer["long_term"]
    assert (*status(quarter), quarter["verdict"]) == (91, 90, "complete", "worsening")
    assert (*status(year), year["verdict"]) == (365, 366, "complete", "improving")


@pytest.mark.parametrize(
    ("measure", "dataset", "end"),
    [
        ("gun-crime", LOADED, "2017-06-30"),  # never counted
        ("total-burglary", LOADED, "2012-06-30"),  # before the data
        ("total-burglary", LOADED, "2025-06-30"),  # after them
        ("total-burglary", EMPTY, "2017-06-30"),
        ("calls-999", OTHER, "2017-06-30"),
        ("good-job", EMPTY, "2017-06-30"),
    ],
)
def test_no_data_is_null_and_never_zero(metrics, measure, dataset, end):
    answer = metrics.compare(measure, dataset, end=end)
    assert (answer["value"], answer["status"], answer["change"], answer["percent_change"]) == (
        None,
        "no-data",
        None,
        None,
    )


def test_a_month_of_which_only_the_total_is_known_counts_whole_or_not_at_all(metrics):
    whole = metrics.compare("theft-person", MONTHLY, window="month", end="2017-06-30")
    assert (*status(whole), whole["percent_change"]) == (50, 0, "complete", None)
    cut = metrics.compare("theft-person", MONTHLY, window="month", end="2017-06-15")
    assert (cut["value"], cut["status"]) == (None, "no-data")


def test_datasets_are_counted_apart_though_ids_are_the_same(metrics):
    assert metrics.compare("total-notifiable-offences", OTHER, end="2017-06-30")["value"] == 1
    assert metrics.compare("total-notifiable-offences", LOADED, end="2017-06-30")["value"] == 365


@pytest.mark.parametrize(
    ("interval", "points", "values"),
    [("day", 91, {1}), ("month", 3, {30, 31}), ("quarter", 1, {91}), ("year", 1, {91}), ("week", 14, {2, 5, 7})],
)
def test_a_series_has_a_point_an_interval(metrics, interval, points, values):
    asked = {"measure": "total-burglary", "from_": "2017-04-01", "to": "2017-06-30", "dataset": LOADED}
    found = metrics.ask("/v1/series", interval=interval, **asked).json()["points"]
    assert len(found) == points
    assert {point["value"] for point in found} == values
    assert sum(point["value"] for point in found) == 91
    rows = list(csv.DictReader(io.StringIO(metrics.ask("/v1/series", "text/csv", interval=interval, **asked).text)))
    assert [(row["from"], int(row["value"])) for row in rows] == [(point["from"], point["value"]) for point in found]


def test_a_series_beyond_the_data_has_no_values_there(metrics):
    asked = {"measure": "total-burglary", "from_": "2017-06-01", "to": "2017-08-31", "dataset": LOADED}
    points = metrics.ask("/v1/series", **asked).json()["points"]
    assert [point["value"] for point in points] == [30, None, None]
    rows = csv.DictReader(io.StringIO(metrics.ask("/v1/series", "text/csv", **asked).text))
    assert [(row["value"], row["status"]) for row in rows][1:] == [("", "no-data")] * 2


def test_the_plan_table_has_its_fifteen_rows_as_json_and_as_csv(metrics):
    asked = {"end": "2017-06-30", "dataset": LOADED}
    table = metrics.ask("/v1/tables/police-and-crime-plan", **asked).json()
    rows = {row["measure"]: row for row in table["rows"]}
    assert len(table["rows"]) == 15
    assert (rows["total-burglary"]["previous"], rows["total-burglary"]["current"]) == (366, 365)
    assert (rows["total-burglary"]["change"], rows["total-burglary"]["percent_change"]) == (-1, -0.3)
    assert (rows["gun-crime"]["current"], rows["gun-crime"]["status"]) == (None, "no-data")
    answer, labels = (
        metrics.ask("/v1/tables/police-and-crime-plan", "text/csv", **asked),
        {"dataset": LOADED, "note": None},
    )
    assert answer.headers["content-type"].startswith("text/csv")
    assert list(csv.DictReader(io.StringIO(answer.text))) == [
        {name: "" if value is None else str(value) for name, value in (row | labels).items()} for row in table["rows"]
    ]


def test_the_priorities_table_has_32_boroughs_in_whole_percent_as_json_and_as_csv(metrics):
    asked = {"quarter": "2017-18-Q1", "dataset": MONTHLY}
    table = metrics.ask("/v1/tables/local-priorities", **asked).json()
    (camden,) = (row["priorities"] for row in table["rows"] if row["area"] == CAMDEN)
    assert len(table["rows"]) == 32
    assert [(line["title"], line["previous"], line["current"], line["percent_change"]) for line in camden] == [
        ("Common Assault", None, None, None),
        ("Theft from Person", 0, 90, None),
    ]
    rows = list(csv.DictReader(io.StringIO(metrics.ask("/v1/tables/local-priorities", "text/csv", **asked).text)))
    assert len(rows) == sum(len(row["priorities"]) for row in table["rows"])


def test_measures_are_described_as_declared(metrics):
    every = metrics.ask("/v1/measures").json()["measures"]
    assert [each["id"] for each in every][:3] == [
        "total-notifiable-offences",
        "violence-against-the-person",
        "total-robbery",
    ]
    assert metrics.ask("/v1/measures/knife-crime").json() in every
    common = {"id", "title", "definition", "unit", "kind", "good", "plan_area", "caveats", "version", "sensitive"}
    assert common | {"of", "all", "any", "none", "dated", "weight"} == set(every[0])
    knives = metrics.ask("/v1/measures", kind="count", q="knife crime").json()["measures"]
    assert "knife-crime" in [each["id"] for each in knives]
    missing = metrics.ask("/v1/measures/knive-crime")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert "Knife Crime" in missing.json()["detail"]


COMPARE, SERIES = "/v1/compare", "/v1/series"
PLAN, PRIORITIES = "/v1/tables/police-and-crime-plan", "/v1/tables/local-priorities"
BURGLARY = {"measure": "total-burglary"}
SPAN = {"from_": "2017-01-01", "to": "2017-03-31"}


@pytest.mark.parametrize(
    ("path", "parameters", "field"),
    [
        (COMPARE, {}, "measure"),
        (COMPARE, {"measure": "burglry"}, "measure"),
        (COMPARE, {**BURGLARY, "area": "Camdem"}, "area"),
        (COMPARE, {**BURGLARY, "window": "fortnight"}, "window"),
        (COMPARE, {**BURGLARY, "against": "last-week"}, "against"),
        (COMPARE, {**BURGLARY, "end": "30/06/2017"}, "end"),
        (COMPARE, {**BURGLARY, "end": "2017-02-30"}, "end"),
        (COMPARE, {**BURGLARY, "end": "9999-12-31"}, "end"),
        (COMPARE, {**BURGLARY, "end": "0001-01-01", "window": "week"}, "end"),
        (COMPARE, {**BURGLARY, "dataset": "Live!"}, "dataset"),
        (COMPARE, {**BURGLARY, "windw": "12m"}, "windw"),
        (COMPARE, {**BURGLARY, "window": "custom"}, "from"),
        (COMPARE, {**BURGLARY, "window": "custom", "from_": "2017-01-01"}, "to"),
        (COMPARE, {**BURGLARY, "window": "custom", "from_": "2017-01-02", "to": "2017-01-01"}, "from"),
        (
            COMPARE,
            {**BURGLARY, "window": "custom", "from_": "2017-01-01", "to": "2017-01-02", "end": "2017-06-30"},
            "end",
        ),
        (COMPARE, {**BURGLARY, "from_": "2017-01-01", "to": "2017-02-01"}, "from"),
        (COMPARE, {**BURGLARY, "to": "2017-02-01"}, "from"),
        (COMPARE, {**BURGLARY, "baseline_from": "2016-01-01", "baseline_to": "2016-02-01"}, "baseline_from"),
        (COMPARE, {**BURGLARY, "against": "baseline"}, "baseline_from"),
        (COMPARE, {**BURGLARY, "against": "baseline", "baseline_from": "2017-01-01"}, "baseline_to"),
        (COMPARE, {**BURGLARY, "against": "target", "window": "quarter"}, "window"),
        (COMPARE, {**BURGLARY, "against": "target", "area": "Camden"}, "area"),
        ("/v1/verdicts", {}, "measure"),
        ("/v1/verdicts", {**BURGLARY, "window": "12m"}, "window"),
        ("/v1/measures", {"kind": "counts"}, "kind"),
        ("/v1/measures", {"plan_area": "Atlantis"}, "plan_area"),
        (SERIES, BURGLARY, "from"),
        (SERIES, SPAN, "measure"),
        (SERIES, {**BURGLARY, **SPAN, "interval": "fortnight"}, "interval"),
        (SERIES, {**BURGLARY, **SPAN, "area": "Atlantis"}, "area"),
        (SERIES, {**BURGLARY, "from_": "2017-04-01", "to": "2017-03-31"}, "from"),
        (SERIES, {**BURGLARY, "from_": "1990-01-01", "to": "2030-12-31", "interval": "day"}, "from"),
        (SERIES, {**BURGLARY, "from_": "0001-01-01", "to": "9999-12-31", "interval": "year"}, "to"),
        (PLAN, {"end": "yesterday"}, "end"),
        (PRIORITIES, {"quarter": "2017-18-Q5"}, "quarter"),
        (PRIORITIES, {"quarter": "2017-19-Q1"}, "quarter"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_the_parameter(metrics, path, parameters, field):
    assert_problem(metrics.ask(path, **parameters), field)


def test_every_window_of_the_days_that_can_be_counted_is_answered(metrics):
    for end in ("1990-01-01", "2078-12-31"):
        for window in ("week", "month", "3m", "quarter", "12m", "fytd"):
            for against in ("year-before", "period-before", "3y-average"):
                asked = {"window": window, "against": against, "end": end}
                assert metrics.compare("total-burglary", EMPTY, **asked)["status"] == "no-data"


def test_the_overview_page_shows_a_dataset(metrics):
    page = metrics.ask("/", "text/html", dataset=LOADED)
    assert (page.status_code, page.headers["content-type"].startswith("text/html")) == (200, True)
    assert "Total Burglary" in page.text
