"""The demonstration's own copy of the printed figures, against the published tables where those are present."""

import csv
from decimal import Decimal
from itertools import pairwise

import pytest

from local.demo import printed
from shared.reference import reference


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_there_are_15_rows_66_percentages_and_10_period_totals():
    assert len(printed.twelve_months()) == 15
    assert len(printed.borough_priorities()) == 66
    assert len(printed.period_totals()) == 10


def test_every_printed_rows_change_is_the_difference_of_its_years():
    assert all(row.change == row.current - row.previous for row in printed.twelve_months())


def test_the_printed_priorities_are_those_of_the_reference_data():
    chosen = [(area, p.title, p.measure) for area, ps in reference().priorities.items() for p in ps]
    assert [(p.area, p.title, p.measure) for p in printed.borough_priorities()] == chosen


def test_the_printed_boroughs_are_named_as_in_the_reference_data():
    assert all(reference().areas.get(p.area).name == p.borough for p in printed.borough_priorities())


def test_the_15_rows_equal_the_published_table(published):
    table = rows(published / "q1-2017-18-recorded-crime-12-months.csv")
    assert [
        (r.plan_area, r.title, r.previous, r.current, r.change, r.percent_change) for r in printed.twelve_months()
    ] == [
        (
            r["police_and_crime_plan_area"],
            r["crime_category"],
            int(r["jul_2015_to_jun_2016"]),
            int(r["jul_2016_to_jun_2017"]),
            int(r["change"]),
            float(r["percent_change"]),
        )
        for r in table
    ]


def test_the_boroughs_percentages_equal_the_published_table(published):
    table = rows(published / "q1-2017-18-local-volume-priorities.csv")
    suffix = "percent_change_q1_2017_18_vs_q1_2016_17"
    expected = []
    for r in table:
        expected.append((r["borough"], r["priority_1"], int(r[f"priority_1_{suffix}"])))
        expected.append((r["borough"], r["priority_2"], int(r[f"priority_2_{suffix}"])))
        if r["additional"]:
            title, _, percent = r["additional"].removeprefix("additional priority").strip(" -").rpartition(" ")
            expected.append((r["borough"], title, int(percent.rstrip("%"))))
    assert [(p.borough, p.title, p.percent_change) for p in printed.borough_priorities()] == expected


def test_the_gaps_of_the_groups_equal_the_published_table(published):
    table = rows(published / "q1-2017-18-satisfaction-and-public-voice-inequalities.csv")
    assert [list(row.values())[1:] for row in printed.rows("surveys.csv")] == [list(row.values())[1:] for row in table]
    breakdowns = [row["breakdown"] for row in printed.rows("surveys.csv")]
    assert breakdowns == ["", *(row["characteristic"].lower() for row in table[1:])]


def test_the_crime_prevention_fund_equals_the_published_table(published):
    table = rows(published / "london-crime-prevention-fund-2017-18.csv")
    assert [(row["borough"], row["crime-prevention-fund"]) for row in printed.rows("crime_prevention_fund.csv")] == [
        tuple(row.values()) for row in table
    ]


def test_the_boroughs_of_the_fund_are_named_as_in_the_reference_data():
    *boroughs, london = printed.rows("crime_prevention_fund.csv")
    assert [reference().areas.get(row["area"]).name for row in boroughs] == [row["borough"] for row in boroughs]
    assert reference().areas.get(london["area"]).is_region


def test_the_funds_boroughs_come_to_one_pound_more_than_its_printed_total():
    *boroughs, london = (Decimal(row["crime-prevention-fund"]) for row in printed.rows("crime_prevention_fund.csv"))
    assert sum(boroughs) - london == 1


def wrong_variances(file, name, actual, planned, variance):
    return [
        row[name]
        for row in printed.rows(file)
        if Decimal(row[actual]) - Decimal(row[planned]) != Decimal(row[variance])
    ]


def test_the_printed_variances_are_the_differences_of_their_columns_but_for_police_officer_pay():
    assert (
        wrong_variances("revenue.csv", "line", "revenue-actual-to-date", "revenue-budget-to-date", "variance to date")
        == []
    )
    forecast, budget = "revenue-full-year-forecast", "revenue-full-year-budget"
    assert wrong_variances("revenue.csv", "line", forecast, budget, "variance") == ["Police Officer Pay"]
    assert (
        wrong_variances("capital.csv", "project", "capital-full-year-forecast", "capital-full-year-budget", "variance")
        == []
    )
    assert wrong_variances("savings.csv", "line", "savings-forecast", "savings-planned", "variation") == [
        "Total - MPS Savings 2017/18"
    ]


REVENUE_TOTALS = {
    "Total Pay": ["Police Officer Pay", "Police Staff Pay", "PCSO Pay"],
    "Total Overtime": ["Police Officer Overtime", "Police Staff Overtime", "PCSO Overtime"],
    "TOTAL PAY & OVERTIME": ["Total Pay", "Total Overtime"],
    "TOTAL RUNNING EXPENSES": [
        "Employee Related Expenditure",
        "Premises Costs",
        "Transport Costs",
        "Supplies & Services",
    ],
    "TOTAL EXPENDITURE": [
        "TOTAL PAY & OVERTIME",
        "TOTAL RUNNING EXPENSES",
        "Capital Financing Costs",
        "Discretionary Pension Costs",
    ],
    "TOTAL NET EXPENDITURE": [
        "TOTAL EXPENDITURE",
        "Other Income",
        "Specific Grants",
        "Transfer to/(from) reserves",
    ],
    "OVERALL MPS & MOPAC Total": ["TOTAL NET EXPENDITURE", "Funding (General Grant & Precept)"],
}


@pytest.mark.parametrize("total", REVENUE_TOTALS)
def test_every_total_of_the_revenue_table_is_the_sum_of_its_lines(total):
    table = {row["line"]: row for row in printed.rows("revenue.csv")}
    for column in (name for name in table[total] if name.startswith("revenue-")):
        assert sum(Decimal(table[line][column]) for line in REVENUE_TOTALS[total]) == Decimal(table[total][column])


def test_the_business_groups_come_to_their_line_of_the_revenue_table_within_rounding():
    table = {row["line"]: row for row in printed.rows("revenue.csv")}
    groups = {}
    for row in printed.rows("revenue_by_business_group.csv"):
        groups.setdefault(row["line"], []).append(row)
    assert list(groups) == ["Police Officer Pay", "Police Officer Overtime", "Police Staff Pay"]
    for line, parts in groups.items():
        for column in ("revenue-actual-to-date", "revenue-full-year-budget", "revenue-full-year-forecast"):
            apart = sum(Decimal(row[column]) for row in parts) - Decimal(table[line][column])
            assert abs(apart) <= Decimal("0.05") * len(parts)


def test_every_services_total_of_the_capital_table_is_the_sum_of_its_projects():
    services = {}
    for row in printed.rows("capital.csv"):
        services.setdefault(row["service"], []).append(row)
    *_, london = services.pop("Total Capital Expenditure")
    for column in (name for name in london if name.startswith("capital-")):
        sums = []
        for projects in services.values():
            parts = [Decimal(row[column]) for row in projects if not row["project"].startswith("Total")]
            totals = [Decimal(row[column]) for row in projects if row["project"].startswith("Total")]
            assert totals in ([], [sum(parts)])
            sums.append(sum(parts))
        assert sum(sums) == Decimal(london[column])


def test_the_reserves_roll_from_year_to_year_and_are_general_or_earmarked():
    years = [{name: Decimal(row[name]) for name in row if "reserves-" in name} for row in printed.rows("reserves.csv")]
    for year in years:
        assert year["reserves-opening"] + year["reserves-movement"] == year["reserves-closing"]
        assert year["reserves-general"] + year["reserves-earmarked"] == year["reserves-closing"]
    assert all(earlier["reserves-closing"] == later["reserves-opening"] for earlier, later in pairwise(years))
