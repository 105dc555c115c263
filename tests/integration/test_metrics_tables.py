"""The board's tables, from records that went through Kafka, the projector and Redis."""

import asyncio
import csv
import io
from datetime import UTC, datetime

import pytest

from shared.events import Call, Crime, Indicator, Outcome, Stop, Victim
from tests.integration.metrics import Metrics, assert_problem, publishing, unique

CAMDEN, BARNET, LONDON = "E09000007", "E09000003", "E12000007"
DATASET = unique("board")
HATE = ("disability-hate", "islamophobic-hate", "faith-hate", "racist-and-religious-hate")  # with what they imply


def crimes():
    """Each month from July 2015 on: knives in Camden, and one crime that carries two hate flags."""
    for number in range(24):
        year, month = divmod(2015 * 12 + 6 + number, 12)
        on = f"{year}-{month + 1:02d}"
        for nth in range(3 if number < 21 else 2):
            yield crime(f"knife-{number}-{nth}", f"{on}-10", flags=("knife-crime",), victims=(Victim(age=20),))
        yield crime(f"hate-{number}", f"{on}-20", flags=HATE)
    yield crime("burglary", "2017-06-30", offence="domestic-burglary", outcome=Outcome(type="charged", on="2017-06-30"))


def crime(crime_id, on, offence="violence-with-injury", **fields):
    known = {"status": "recorded", "area": CAMDEN, "dataset": DATASET}
    return Crime(crime_id=crime_id, recorded_on=on, offence=offence, **known, **fields)


def others():
    """Calls, stops and what is posted, in June of 2016 and 2017."""
    for year, calls in ((2016, 2), (2017, 5)):
        at = datetime(year, 6, 15, 12, tzinfo=UTC)
        for number in range(calls):
            call = {"line": 101, "kind": "asb", "category": "noise", "area": BARNET, "dataset": DATASET}
            yield Call(call_id=f"{year}-{number}", received_at=at, **call)
        for number, outcome in enumerate(("arrested", "no-further-action")):
            stop = {"power": "misuse-of-drugs-section-23", "object": "drugs", "area": CAMDEN, "dataset": DATASET}
            person = {"ethnicity_officer": "Black", "handcuffed": number == 0}
            yield Stop(stop_id=f"{year}-{number}", stopped_at=at, outcome=outcome, **stop, **person)
    yield posted("good-job", 68.6)
    yield posted("good-job", 62.3, breakdown={"ethnicity": "Black"})
    yield posted("dedicated-ward-officers", 1171.0, unit="people")
    yield posted("revenue-budget-to-date", 452.1, unit="million pounds", breakdown={"line": "Police Officer Pay"})
    yield posted("revenue-actual-to-date", 445.0, unit="million pounds", breakdown={"line": "Police Officer Pay"})
    for area, value in ((CAMDEN, 528_000.0), (BARNET, 457_406.0), (LONDON, 985_405.0)):
        yield posted("crime-prevention-fund", value, area=area, period="2017-18", unit="pounds")


def posted(indicator, value, **fields):
    known = {"area": LONDON, "period": "2017-18-Q1", "unit": "percent", "status": "final", "dataset": DATASET}
    return Indicator(indicator=indicator, value=value, **(known | fields))


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


@pytest.fixture
def table(metrics):
    def asked(name, **parameters):
        answer = metrics.ask(f"/v1/tables/{name}", **({"quarter": "2017-18-Q1", "dataset": DATASET} | parameters))
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


def row(answer, measure, **having):
    (found,) = (
        each
        for each in answer["rows"]
        if each.get("measure") == measure and all(each[name] == value for name, value in having.items())
    )
    return found


def test_high_harm_has_its_two_verdicts(table):
    knives = row(table("high-harm"), "knife-crime")
    assert (knives["quarter_current"], knives["quarter_previous"], knives["quarter_verdict"]) == (6, 9, "improving")
    assert (knives["year_current"], knives["year_previous"], knives["year_direction"]) == (33, 36, "decreased")


def test_a_crime_with_two_hate_flags_counts_once_in_each_strand_and_once_in_the_total(table):
    answer = table("hate-by-month")
    june = {each["measure"]: each["value"] for each in answer["rows"] if each["month"] == "2017-06"}
    assert (june["islamophobic-hate-crime"], june["disability-hate-crime"], june["hate-crime"]) == (1, 1, 1)
    assert (june["faith-hate-crime"], june["racist-and-religious-hate-crime"]) == (1, 1)
    assert june["transgender-hate-crime"] is None
    assert len(answer["rows"]) == 13 * len(june)


def test_calls_stand_by_category_and_borough(table):
    noise = row(table("calls-by-category", area="Barnet"), "asb-calls-noise")
    assert (noise["previous"], noise["current"], noise["change"], noise["percent_change"]) == (2, 5, 3, 150.0)
    assert row(table("calls-by-category", area="Camden"), "asb-calls-noise")["current"] == 0


def test_stops_stand_by_object_outcome_and_ethnicity_with_their_rates(table):
    answer = table("stop-and-search")
    assert row(answer, "stops-and-searches")["current"] == 2
    assert row(answer, "stop-and-search-arrest-rate")["current"] == 50
    assert row(answer, "stops-object-drugs", section="object")["current"] == 2
    assert row(answer, "stops-outcome-no-further-action", section="outcome")["current"] == 1
    assert row(answer, "stops-ethnicity-black", section="ethnicity")["current"] == 2
    assert row(answer, "stops-handcuffed-rate")["current"] == 50


def test_what_is_posted_stands_in_its_tables(table):
    black = row(table("inequalities"), "good-job", group="Black")
    assert (black["average"], black["value"], black["gap"], black["significant"]) == (68.6, 62.3, -6.3, True)
    wards = row(table("workforce"), "dedicated-ward-officers")
    assert (wards["current"], wards["target_final"], wards["target_gap"]) == (1171, 1258, -87)
    (pay,) = (each for each in table("finance")["rows"] if each.get("line") == "Police Officer Pay")
    assert (pay["variance_to_date"], pay["variance_to_date_in_words"], pay["full_year_budget"]) == (
        -7.1,
        "underspend",
        None,
    )


def test_the_fund_stands_as_posted_and_boroughs_without_a_figure_have_none(table):
    answer = table("commissioning")
    shares = {each["name"]: each["value"] for each in answer["rows"]}
    assert (shares["Camden"], shares["Barnet"], shares["Brent"]) == (528_000, 457_406, None)
    assert answer["sections"][0]["totals_checked"] == 0  # with a share missing there is nothing to add up


def test_data_quality_says_what_is_filled_and_who_sent_it(table):
    answer = table("data-quality")
    assert row(answer, "completeness-victim-age")["current"] == 100
    sources = {each["kind"]: each for each in answer["rows"] if each["section"] == "sources"}
    assert set(sources) == {"crime", "call", "stop"}
    assert sources["crime"]["records"] == len(list(crimes()))
    assert sources["crime"]["last_day"] == "2017-06-30"
    assert sources["crime"]["late_later"] == sources["crime"]["records"]


def test_every_table_answers_as_json_csv_and_page(metrics):
    for each in metrics.ask("/v1/tables").json()["tables"]:
        asked = {"quarter": "2017-18-Q1", "dataset": DATASET}
        assert metrics.ask(each["href"], **asked).json()["id"] == each["id"]
        lines = csv.DictReader(io.StringIO(metrics.ask(each["href"], "text/csv", **asked).text))
        assert {line["dataset"] for line in lines} == {DATASET}
        page = metrics.ask(f"/tables/{each['id']}", "text/html", **asked)
        assert (page.status_code, each["title"] in page.text.replace("&#39;", "'")) == (200, True)


def test_an_unknown_table_and_a_wrong_parameter_are_problems(metrics):
    missing = metrics.ask("/v1/tables/high-ham")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert "High harm crime" in missing.json()["detail"]
    assert_problem(metrics.ask("/v1/tables/finance", area="Camden"), "area")
    assert_problem(metrics.ask("/v1/tables/high-harm", quarter="2017-18-Q9"), "quarter")
