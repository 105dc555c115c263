"""The board's tables as they were published, filled by the real engine from what was posted."""

from decimal import Decimal

import pytest

from shared.reference import reference
from tests.unit.metrics import published
from tests.unit.metrics.board import Board, filled

END = "2017-06-30"
REVENUE = ("revenue-budget-to-date", "revenue-actual-to-date", "revenue-full-year-budget", "revenue-full-year-forecast")


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def surveyed(board):
    cells, averages = published.surveys()
    for indicator, average in averages.items():
        board.post(indicator, published.QUARTER, average)
    for indicator, characteristic, group, gap in cells:
        value = float(Decimal(str(averages[indicator])) + Decimal(str(gap)))
        board.post(indicator, published.QUARTER, value, **{characteristic.lower(): group})
    return board


@pytest.fixture
def financed(board):
    _, *lines = published.report("Q1 17/18\tBudget To Date")
    for line, *figures in lines:
        printed = [published.number(figure) for figure in figures]
        for indicator, value in zip(REVENUE, (printed[0], printed[1], printed[3], printed[4]), strict=True):
            board.post(indicator, published.QUARTER, value, line=line)
    return board, lines


@pytest.fixture
def reserved(board):
    years, kinds, *lines = published.report("Planned & Actual Position")
    for name, *figures in lines:
        if indicator := published.RESERVES.get(name):
            for year, kind, figure in zip(years[1:], kinds[1:], figures, strict=True):
                status = "final" if kind == "Actual" else "provisional"
                board.post(indicator, year.replace("/", "-"), published.number(figure), status=status)
    return board


async def test_every_gap_is_the_printed_one_to_the_decimal(surveyed):
    rows = (await filled(surveyed, "inequalities", end=END)).rows()
    cells, averages = published.surveys()
    assert {(row["measure"], row["characteristic"], row["group"]): row["gap"] for row in rows} == {
        (indicator, characteristic, group): gap for indicator, characteristic, group, gap in cells
    }
    assert {row["measure"]: row["average"] for row in rows} == averages


async def test_twenty_cells_are_significant_and_a_gap_of_exactly_five_is_not(surveyed):
    rows = (await filled(surveyed, "inequalities", end=END)).rows()
    assert sum(row["significant"] for row in rows) == 20
    fives = {(row["measure"], row["group"], row["verdict"]) for row in rows if abs(row["gap"]) == 5}
    assert fives == {
        ("fair-treatment", "Other ethnicity", "not significant"),
        ("listen-to-concerns", "65 years +", "not significant"),
    }


async def test_a_group_that_was_not_asked_is_null_and_one_that_is_not_declared_is_shown_all_the_same(board):
    board.post("good-job", published.QUARTER, 68.6)
    board.post("good-job", published.QUARTER, 60.0, ethnicity="Arab")
    rows = {
        row["group"]: row
        for row in (await filled(board, "inequalities", end=END)).rows()
        if row["measure"] == "good-job"
    }
    assert (rows["Arab"]["gap"], rows["Arab"]["verdict"]) == (-8.6, "significantly lower")
    assert (rows["Black"]["gap"], rows["Black"]["significant"], rows["Black"]["status"]) == (None, None, "no-data")


async def test_the_fund_is_one_pound_off_and_neither_side_is_mended(board):
    *rows, total = published.table("london-crime-prevention-fund-2017-18.csv")
    for row in rows:
        area = reference().areas.resolve(row["borough"]).id
        board.post("crime-prevention-fund", "2017-18", int(row["total_allocation_gbp"]), area)
    board.post("crime-prevention-fund", "2017-18", int(total["total_allocation_gbp"]))
    answer = (await filled(board, "commissioning", end=END)).json()
    *shares, printed = answer["rows"]
    assert [(each["name"], each["value"]) for each in shares] == [
        (row["borough"], int(row["total_allocation_gbp"])) for row in rows
    ]
    assert (printed["value"], printed["total"]) == (16_777_584, True)
    (difference,) = answer["sections"][0]["differences"]
    assert (difference["printed"], difference["computed"], difference["difference"]) == (16_777_584, 16_777_585, 1)


async def test_revenue_stands_as_printed_and_its_variances_are_those_but_for_rounding(financed):
    board, lines = financed
    rows = {row["line"]: row for row in (await filled(board, "finance", end=END)).rows() if row["section"] == "revenue"}
    assert list(rows) == [line for line, *_ in lines]
    apart = {}
    for line, *figures in lines:
        row, printed = rows[line], [Decimal(str(published.number(figure))) for figure in figures]
        posted = [row[name] for name in ("budget_to_date", "actual_to_date", "full_year_budget", "full_year_forecast")]
        assert [Decimal(str(value)) for value in posted] == [printed[0], printed[1], printed[3], printed[4]]
        for name, variance in (("variance_to_date", printed[2]), ("variance", printed[5])):
            if found := Decimal(str(row[name])) - variance:
                apart[line, name] = float(found)
        assert row["status"] == "complete"
    # The report rounds each variance by itself: 1,781.6 less 1,805.0 is printed as -23.3.
    assert apart == {("Police Officer Pay", "variance"): -0.1}


async def test_variances_are_said_as_the_report_says_them(financed):
    board, _ = financed
    rows = {row["line"]: row for row in (await filled(board, "finance", end=END)).rows() if row["section"] == "revenue"}
    said = {line: (row["variance_to_date_in_words"], row["variance_in_words"]) for line, row in rows.items()}
    assert said["Police Officer Pay"] == ("underspend", "underspend")
    assert said["Total Overtime"] == ("overspend", "overspend")
    assert said["Other Income"] == ("under-recovery", "over-recovery")
    assert said["Capital Financing Costs"] == ("on budget", "on budget")
    assert said["OVERALL MPS & MOPAC Total"] == ("underspend", "underspend")


async def test_printed_totals_agree_with_their_parts(financed):
    board, _ = financed
    revenue = (await filled(board, "finance", end=END)).json()["sections"][0]
    assert (revenue["totals_checked"], revenue["differences"]) == (7 * 4, [])


async def test_a_total_that_is_not_the_sum_of_its_parts_is_reported_and_left_as_it_is(financed):
    board, _ = financed
    board.posted = [each for each in board.posted if each.breakdown != {"line": "PCSO Pay"}]
    board.post("revenue-budget-to-date", published.QUARTER, 13.9, line="PCSO Pay")
    board.post("revenue-actual-to-date", published.QUARTER, 16.0, line="PCSO Pay")
    answer = (await filled(board, "finance", end=END)).json()
    (total,) = (row for row in answer["rows"] if row.get("line") == "Total Pay")
    assert (total["budget_to_date"], total["actual_to_date"]) == (583.0, 566.3)
    found = {each["place"]: (each["difference"], each["rounding"]) for each in answer["sections"][0]["differences"]}
    assert found == {"Total Pay, budget to date": (0.1, True), "Total Pay, actual to date": (2, False)}


async def test_savings_differ_by_what_rounding_makes_and_it_is_shown(board):
    _, *lines = published.report("\tPlanned Saving")
    for line, planned, forecast, _ in lines:
        board.post("savings-planned", published.QUARTER, published.number(planned), line=line)
        board.post("savings-forecast", published.QUARTER, published.number(forecast), line=line)
    savings = (await filled(board, "finance", end=END)).json()["sections"][1]
    (difference,) = savings["differences"]
    assert (difference["printed"], difference["computed"], difference["difference"], difference["rounding"]) == (
        -65.9,
        -66,
        -0.1,
        True,
    )


async def test_reserves_roll_for_seven_years(reserved):
    answer = (await filled(reserved, "finance", end=END)).json()
    rows = [row for row in answer["rows"] if row["section"] == "reserves"]
    assert [row["year"] for row in rows] == [
        "2014-15",
        "2015-16",
        "2016-17",
        "2017-18",
        "2018-19",
        "2019-20",
        "2020-21",
    ]
    assert [row["closing"] for row in rows] == [419.4, 297.9, 240.2, 149.1, 127.4, 102.1, 116.5]
    assert [row["posted_as"] for row in rows] == ["final"] * 3 + ["provisional"] * 4
    section = answer["sections"][3]
    assert (section["totals_checked"], section["differences"]) == (7 + 7 + 6, [])


async def test_a_closing_balance_that_is_not_the_next_opening_is_reported(reserved):
    reserved.posted = [e for e in reserved.posted if (e.indicator, e.period) != ("reserves-opening", "2018-19")]
    reserved.post("reserves-opening", "2018-19", 149.2)
    differences = (await filled(reserved, "finance", end=END)).json()["sections"][3]["differences"]
    assert {each["place"]: (each["difference"], each["rounding"]) for each in differences} == {
        "2017-18, closing against the next opening": (-0.1, True),
        "2018-19, opening and movement against closing": (0.1, True),
    }
