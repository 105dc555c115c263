"""The demonstration's own copy of the printed figures, against the published tables where those are present."""

import csv

from local.demo import printed
from shared.reference import reference


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_there_are_15_rows_66_percentages_and_7_period_totals():
    assert len(printed.twelve_months()) == 15
    assert len(printed.borough_priorities()) == 66
    assert len(printed.period_totals()) == 7


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
