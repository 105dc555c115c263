"""Tables of comparisons: targets, verdicts, months, rates and people in post, filled by the real engine."""

import pytest

from services.metrics.periods import intervals
from tests.unit.metrics.board import Board, date_, filled

BARNET = "E09000003"
MONTHS = [f"{each.first:%Y-%m}" for each in intervals(date_("2011-04-01"), date_("2017-06-30"), "month")]


@pytest.fixture
def board():
    return Board()


def by_measure(rows, section=None):
    return {row["measure"]: row for row in rows if section in (None, row.get("section"))}


async def test_neighbourhood_crime_stands_against_its_target_on_the_day(board):
    for month in MONTHS:
        board.count("total-burglary", month, 1000 if month < "2012-04" else 960)
    row = by_measure((await filled(board, "neighbourhood-crime", end="2014-03-31")).rows())["total-burglary"]
    assert (row["current"], row["previous"], row["percent_change"], row["verdict"]) == (
        11_520,
        11_520,
        0.0,
        "no change",
    )
    # From 12,000 in March 2012 to a fifth less, 9,600, in March 2016: half of the way in March 2014.
    assert (row["target_baseline"], row["target_final"], row["target_expected"]) == (12_000, 9_600, 10_800)
    assert (row["target_gap"], row["target_verdict"], row["target_by"]) == (720, "not on track", "2016-03-31")


async def test_a_target_for_london_is_none_of_a_boroughs(board):
    for month in MONTHS:
        board.count("total-burglary", month, 10, BARNET)
    row = by_measure((await filled(board, "neighbourhood-crime", end="2014-03-31", area="Barnet")).rows())
    assert row["total-burglary"]["current"] == 120
    assert {name: value for name, value in row["total-burglary"].items() if name.startswith("target_") and value} == {}


async def test_the_total_of_neighbourhood_crime_is_a_measure_and_not_a_sum_of_rows(board):
    rows = by_measure((await filled(board, "neighbourhood-crime", end="2017-06-30")).rows())
    assert list(rows)[-1] == "neighbourhood-crime"
    assert len(rows) == 8


async def test_high_harm_has_two_verdicts_that_may_differ(board):
    for month in MONTHS[-36:]:
        year = 300 if month > "2016-06" else 200
        board.count("knife-crime", month, year + (20 if "2017-01" <= month <= "2017-03" else 0))
        board.count("domestic-abuse", month, 500 if month < "2017-04" else 600)
    rows = by_measure((await filled(board, "high-harm", quarter="2017-18-Q1")).rows())
    knives, abuse = rows["knife-crime"], rows["domestic-abuse"]
    assert (knives["quarter_current"], knives["quarter_previous"]) == (900, 960)
    assert (knives["quarter_direction"], knives["quarter_verdict"]) == ("decreased", "improving")
    assert (knives["year_direction"], knives["year_verdict"]) == ("increased", "worsening")
    assert (abuse["quarter_direction"], abuse["quarter_verdict"]) == ("increased", "neither")
    assert rows["gun-crime"]["quarter_verdict"] == rows["gun-crime"]["year_direction"] == "not known"


async def test_a_quarter_that_is_not_over_is_not_judged(board):
    for month in MONTHS[-36:]:
        board.count("knife-crime", month, 100)
    row = by_measure((await filled(board, "high-harm", end="2017-07-31")).rows())["knife-crime"]
    assert (row["quarter_status"], row["quarter_direction"]) == ("no-data", "not known")


async def test_hate_crime_is_shown_for_thirteen_months_and_zero_is_not_no_data(board):
    board.count("transgender-hate-crime", "2016-07", 24)
    board.count("transgender-hate-crime", "2017-06", 17)
    board.count("total-notifiable-offences", "2017-05", 900)
    answer = await filled(board, "hate-by-month", end="2017-06-30")
    rows = [row for row in answer.rows() if row["measure"] == "transgender-hate-crime"]
    assert [row["month"] for row in rows] == MONTHS[-13:]
    assert {row["month"]: row["value"] for row in rows if row["status"] != "no-data"} == {
        "2016-07": 24,
        "2017-05": 0,
        "2017-06": 17,
    }
    assert "must not be added up" in answer.json()["sections"][0]["note"]


async def test_calls_are_compared_with_the_same_quarter_of_the_year_before(board):
    for month, value in (("2016-04", 50), ("2016-05", 50), ("2016-06", 50), ("2017-01", 999)):
        board.count("asb-calls-noise", month, value)
    for month in ("2017-04", "2017-05", "2017-06"):
        board.count("asb-calls-noise", month, 60)
        board.count("crime-calls-robbery", month, 7)
    rows = (await filled(board, "calls-by-category", quarter="2017-18-Q1")).rows()
    noise = by_measure(rows, "asb")["asb-calls-noise"]
    assert (noise["previous"], noise["current"], noise["percent_change"]) == (150, 180, 20.0)
    assert (len(by_measure(rows, "crime")), len(by_measure(rows, "asb"))) == (16, 17)
    assert set(by_measure(rows, "totals")) == {"calls", "crime-calls", "asb-calls", "other-calls"}


async def test_stop_and_search_shows_rates_in_points_and_disproportionality(board):
    for month, arrests in (("2016-06", 10), ("2017-06", 15)):
        board.count("stops-and-searches", month, 100)
        board.count("stop-and-search-arrests", month, arrests)
        board.count("stops-ethnicity-white", month, 40)
        board.count("stops-ethnicity-black", month, 40)
    for group, people in (("white", 5_000_000), ("black", 1_000_000)):
        board.post("population", "2011-03-27", people, ethnicity=group)
    rows = (await filled(board, "stop-and-search", end="2017-06-30")).rows()
    rate = by_measure(rows, "overall")["stop-and-search-arrest-rate"]
    assert (rate["unit"], rate["previous"], rate["current"], rate["change"]) == ("percent", 10, 15, 5)
    unequal = by_measure(rows, "disproportionality")["stop-disproportionality-black"]
    assert (unequal["current"], unequal["unit"]) == (5, "ratio")
    assert len(by_measure(rows, "ethnicity")) == len(by_measure(rows, "arrest-rate")) == 6
    assert "stops-ethnicity-black-arrests" not in by_measure(rows, "ethnicity")


async def test_ward_officers_are_87_short_of_their_target(board):
    for period, officers, bame in (("2016-17-Q1", 31_000, 3_900), ("2017-18-Q1", 30_719, 4_100)):
        board.post("police-officers", period, officers)
        board.post("police-officers", period, bame, ethnicity="BAME")
    board.post("dedicated-ward-officers", "2017-06", 1_171)
    rows = by_measure((await filled(board, "workforce", quarter="2017-18-Q1")).rows())
    officers, wards = rows["police-officers"], rows["dedicated-ward-officers"]
    assert (officers["previous"], officers["current"], officers["change"]) == (31_000, 30_719, -281)
    assert (wards["current"], wards["target_final"], wards["target_gap"]) == (1_171, 1_258, -87)
    assert (wards["previous"], wards["change"], wards["target_verdict"]) == (None, None, "not on track")
    assert (rows["police-officers-bame"]["current"], rows["police-officers-bame"]["verdict"]) == (4_100, "improving")
    assert rows["police-officers-female"]["status"] == "no-data"


async def test_a_table_of_what_is_posted_ends_by_itself_with_the_last_quarter_that_is_posted(board):
    board.post("police-officers", "2016-17-Q4", 31_000)
    board.post("crime-prevention-fund", "2017-18", 100.0)
    assert (await filled(board, "workforce")).end == date_("2017-03-31")


async def test_data_quality_shows_what_is_filled_and_how_late_each_source_is(board):
    board.count("recorded-crimes", "2017-06", 200)
    board.count("crimes-with-outcome", "2017-06", 50)
    board.came_from("crime", "mps", records=200, last_day=date_("2017-06-28"), late=[150, 40, 6, 3, 1])
    board.came_from(
        "crime", "other", dataset="elsewhere", records=5, last_day=date_("2017-06-28"), late=[5, 0, 0, 0, 0]
    )
    rows = (await filled(board, "data-quality", end="2017-06-30")).rows()
    filled_in = by_measure([row for row in rows if row["section"] == "crimes"])["completeness-outcome"]
    assert (filled_in["current"], filled_in["unit"]) == (25, "percent")
    (source,) = (row for row in rows if row["section"] == "sources")
    assert (source["kind"], source["source"], source["records"], source["days_behind"]) == ("crime", "mps", 200, 48)
    assert {name: value for name, value in source.items() if name.startswith("late_")} == {
        "late_same_day": 150,
        "late_within_1_day": 40,
        "late_within_7_days": 6,
        "late_within_31_days": 3,
        "late_later": 1,
    }
