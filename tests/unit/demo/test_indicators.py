from collections import Counter
from datetime import date

import msgspec
import pytest

from local.demo import printed
from local.demo.board import MEETINGS
from local.demo.contacts import CONTACTS
from local.demo.indicators import indicators
from services.ingest.acceptance import judge
from shared.events import topics
from shared.reference import reference

QUARTER = "2017-18-Q1"


def posted(indicator, period=QUARTER, area="E12000007", **breakdown):
    """The one figure of an indicator; breakdowns by their names."""
    (row,) = [
        each
        for each in indicators()
        if (each.indicator, each.period, each.area, each.breakdown) == (indicator, period, area, breakdown)
    ]
    return row


@pytest.mark.parametrize(
    ("indicator", "value", "unit"),
    [
        ("user-satisfaction", 75.3, "percent"),
        ("good-job", 68.6, "percent"),
        ("informed-local", 43.7, "percent"),
        ("listen-to-concerns", 76.0, "percent"),
        ("fair-treatment", 78.3, "percent"),
        ("dealing-issues", 73.6, "percent"),
        ("contact-ward-officer", 32, "percent"),
        ("police-officers", 30_719, "people"),
        ("special-constables", 2_523, "people"),
        ("pcsos", 1_383, "people"),
        ("police-staff", 8_500, "people"),
        ("dedicated-ward-officers", 1_171, "people"),
        ("dedicated-ward-officers-target", 1_258, "people"),
    ],
)
def test_an_indicator_stands_as_printed(indicator, value, unit):
    row = posted(indicator)
    assert (row.value, row.unit, row.status, row.dataset) == (value, unit, "final", "demo")


def test_a_groups_own_percentage_is_the_average_and_its_gap_exactly():
    assert posted("fair-treatment", ethnicity="Black").value == 67.2
    assert posted("user-satisfaction", age="65 years +").value == 86.0
    assert posted("dealing-issues", lgb="LGB").value == 64.3


def test_twenty_gaps_are_strictly_above_five_points():
    average = {each.indicator: each.value for each in indicators() if each.unit == "percent" and not each.breakdown}
    groups = [each for each in indicators() if each.unit == "percent" and each.breakdown]
    gaps = [round(each.value - average[each.indicator], 1) for each in groups]
    assert len(gaps) == 18 * 6
    assert sum(abs(gap) > 5 for gap in gaps) == 20
    assert sum(abs(gap) == 5 for gap in gaps) == 2


@pytest.mark.parametrize(
    ("indicator", "breakdown", "percent"),
    [
        ("police-officers", {"ethnicity": "BAME"}, 14),
        ("police-officers", {"sex": "Female"}, 26),
        ("police-staff", {"sex": "Female"}, 56),
    ],
)
def test_people_of_a_group_come_to_the_printed_percentage_of_all(indicator, breakdown, percent):
    share = 100 * posted(indicator, **breakdown).value / posted(indicator).value
    assert round(share, 2) == percent


@pytest.mark.parametrize(
    ("indicator", "period", "value"),
    [
        ("victims-updated", "2014-04", 80),
        ("victims-updated", "2017-06", 65),
        ("victims-informed-of-arrest", "2014-04", 80),
        ("victims-informed-of-arrest", "2017-06", 69),
        ("victims-informed-of-release", "2017-06", 71),
        ("victims-code-offences", "2014-04", 39_828),
        ("victims-code-offences", "2017-06", 54_513),
        ("fraud-and-cyber-crime", "2016-07/2017-06", 42_490),
        ("crime-change-england-and-wales", "2016-17", 12.5),
        ("crime-change-most-similar-forces", "2016-17", 15.8),
        ("crime-prevention-fund", "2017-18", 16_777_584),
        ("reserves-movement", "2015-16", -121.5),
    ],
)
def test_a_figure_of_another_period_stands_as_printed(indicator, period, value):
    assert posted(indicator, period).value == value


def test_the_lines_of_the_finance_tables_stand_as_printed():
    assert posted("revenue-full-year-forecast", line="OVERALL MPS & MOPAC Total").value == -32.2
    assert posted("revenue-actual-to-date", line="Total Overtime").value == 36.9
    assert posted("savings-forecast", line="Total - MPS Savings 2017/18").value == -65.9
    assert (
        posted("capital-actual-to-date", service="Fleet", project="Strengthening our Armed Policing Capability").value
        == -0.3
    )


def test_a_line_stands_by_business_group_too():
    by = {"line": "Police Staff Pay", "business group": "MOPAC"}
    assert posted("revenue-full-year-budget", **by).value == 9.0


def test_the_grand_total_is_the_figure_of_the_whole():
    assert posted("revenue-actual-to-date").value == 24.9
    assert posted("capital-full-year-forecast").value == 268
    assert posted("savings-forecast").value == -65.9


def test_every_figure_is_in_the_unit_of_its_measure():
    assert {
        each.indicator for each in indicators() if reference().measures.get(each.indicator).unit != each.unit
    } == set()


def test_every_printed_line_is_posted_in_each_of_its_columns():
    number = Counter(each.indicator for each in indicators() if "business group" not in each.breakdown)
    for file, start in (("revenue.csv", "revenue-"), ("savings.csv", "savings-"), ("capital.csv", "capital-")):
        rows = printed.rows(file)
        columns = [name for name in rows[0] if name.startswith(start)]
        assert {number[name] for name in columns} == {len(rows) + 1}, "each line, and the last of them as the whole"
        assert {name for name in number if name.startswith(start)} == set(columns)


def test_what_is_forecast_or_planned_of_the_reserves_is_provisional():
    status = {each.period: each.status for each in indicators() if each.indicator == "reserves-closing"}
    assert list(status.values()) == ["final"] * 3 + ["provisional"] * 4


def test_no_figure_is_posted_twice():
    assert Counter(each.record_id for each in indicators()).most_common(1)[0][1] == 1


def test_every_indicator_but_the_boroughs_funds_is_of_london_as_a_whole():
    areas = {each.indicator: set() for each in indicators()}
    for each in indicators():
        areas[each.indicator].add(reference().areas.get(each.area).kind)
    assert areas.pop("crime-prevention-fund") == {"borough", "region"}
    assert set().union(*areas.values()) == {"region"}


def test_ingest_accepts_every_indicator():
    items = [(topics.INDICATORS, msgspec.json.encode(each)) for each in indicators()]
    verdict = judge(items, reference(), date(2024, 7, 9))
    assert verdict.rejected == []
    assert len(verdict.accepted) == len(items) > 300


def test_every_owner_of_an_action_can_be_told():
    owners = {owner for meeting in MEETINGS for action in meeting.actions for owner in action.owners}
    assert owners <= {contact.owner for contact in CONTACTS}


def test_nobody_real_is_ever_written_to():
    assert all(contact.email.endswith("@oversight.example") for contact in CONTACTS)
