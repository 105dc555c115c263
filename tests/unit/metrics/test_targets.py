"""What was promised, on the way there, and whether it is kept."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.comparisons import compare
from services.metrics.figures import Figure, Gap
from services.metrics.periods import Window, window_ending
from services.metrics.targets import (
    DECIMALS,
    baseline_window,
    expected,
    final_value,
    on_track,
    target_figure,
    target_json,
)
from shared.reference.targets import Days, Target

BEFORE = Window(date(2011, 4, 1), date(2012, 3, 31))
FALL = Target(
    id="burglary",
    measure="total-burglary",
    title="",
    definition="",
    source="",
    percent=-20,
    baseline=Days(*BEFORE),
    by=date(2016, 3, 31),
    trajectory="linear",
    window="12m",
)
OFFICERS = Target(
    id="officers",
    measure="dedicated-ward-officers",
    title="",
    definition="",
    source="",
    value=1258,
    by=date(2017, 12, 31),
    trajectory="final",
)
JUNE = window_ending("12m", date(2017, 6, 30))


@pytest.mark.parametrize(
    ("on", "asked"),
    [
        ("2011-12-31", 1000),  # before it begins
        ("2012-03-31", 1000),
        ("2013-03-31", 950),
        ("2014-03-31", 900),  # half of the months, though not of the days
        ("2015-09-30", 825),
        ("2016-03-31", 800),
        ("2017-06-30", 800),  # it holds on
    ],
)
def test_a_linear_target_falls_evenly_from_its_baseline_to_its_day(on, asked):
    assert expected(FALL, 1000, date.fromisoformat(on)) == asked


def test_a_day_within_a_month_lies_between_its_ends():
    start, middle, end = (expected(FALL, 1000, date(2014, *day)) for day in ((3, 31), (4, 15), (4, 30)))
    assert abs(middle - (start + end) / 2) < Decimal("1e-20")


@given(st.dates(date(2010, 1, 1), date(2018, 1, 1)), st.integers(0, 31), st.decimals(0, 10**6, places=2))
def test_a_linear_target_never_turns_back(on, days, baseline):
    later = date.fromordinal(on.toordinal() + days)
    assert baseline >= expected(FALL, baseline, on) >= expected(FALL, baseline, later) >= baseline * Decimal("0.8")


def test_a_target_of_a_number_asks_for_it_at_any_time_and_needs_no_baseline():
    assert [expected(OFFICERS, None, on) for on in (date(2016, 1, 1), date(2018, 1, 1))] == [1258, 1258]
    assert baseline_window(OFFICERS) is None
    assert baseline_window(FALL) == BEFORE


def test_what_depends_on_a_baseline_without_data_is_not_known():
    assert expected(FALL, None, date(2014, 3, 31)) is None
    assert final_value(FALL, None) is None
    nothing = Figure(BEFORE, None, "no-data", missing=(Gap(*BEFORE, "no data", "total-burglary"),))
    asked = target_figure(FALL, nothing, JUNE)
    assert (asked.value, asked.status, asked.missing) == (None, "no-data", nothing.missing)


def test_the_ward_officers_of_june_2017_are_87_short():
    asked = target_figure(OFFICERS, None, JUNE)
    found = compare(Figure(JUNE, 1171, "complete"), [asked], "people", DECIMALS)
    assert (found.baseline.value, found.change) == (1258, -87)
    assert on_track(found, "up") is False


@pytest.mark.parametrize(
    ("value", "good", "kept"),
    [
        (900, "down", True),
        (901, "down", False),
        (900, "up", True),
        (899, "up", False),
        (900, "neither", None),
        (None, "down", None),
    ],
)
def test_a_value_is_on_track_if_it_is_as_good_as_what_is_asked_for(value, good, kept):
    window = window_ending("12m", date(2014, 3, 31))
    asked = target_figure(FALL, Figure(BEFORE, 1000, "complete"), window)
    current = Figure(window, value, "no-data" if value is None else "complete")
    assert on_track(compare(current, [asked], "offences", DECIMALS), good) is kept


def test_a_year_that_is_not_over_is_not_yet_on_track():
    asked = target_figure(FALL, Figure(BEFORE, 1000, "complete"), JUNE)
    unfinished = Figure(JUNE, 3, "partial", missing=(Gap(JUNE.last, JUNE.last, "not over", "total-burglary"),))
    assert on_track(compare(unfinished, [asked], "offences", DECIMALS), "down") is None


def test_a_target_rests_on_what_its_baseline_rests_on():
    torn = Figure(BEFORE, 1000, "incomplete", missing=(Gap(*BEFORE, "lost", "total-burglary"),))
    asked = target_figure(FALL, torn, JUNE)
    assert (asked.status, asked.missing, asked.parts) == ("incomplete", torn.missing, (("total-burglary", 1000),))


def test_the_gap_is_taken_from_the_exact_value_and_shown_with_one_decimal():
    asked = target_figure(FALL, Figure(BEFORE, 1001, "complete"), window_ending("12m", date(2012, 6, 30)))
    assert asked.exact == 1001 * (1 - Fraction(1, 5) * Fraction(3, 48))
    found = compare(Figure(JUNE, 1000, "complete"), [asked], "offences", DECIMALS)
    assert (asked.value, found.change) == (988.5, 11.5)


def test_a_target_is_shown_with_its_baseline_its_final_value_and_its_trajectorys():
    shown = target_json(FALL, Figure(BEFORE, 1000, "complete"), window_ending("12m", date(2014, 3, 31)))
    assert shown["baseline"] == {"from": "2011-04-01", "to": "2012-03-31", "value": 1000}
    assert (shown["final"], shown["trajectory_value"], shown["by"]) == (800, 900, "2016-03-31")
    fixed = target_json(msgspec.structs.replace(OFFICERS, by=None), None, JUNE)
    assert (fixed["final"], fixed["baseline"], fixed["by"]) == (1258, None, None)
