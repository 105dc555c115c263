from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.comparisons import compare, percent
from services.metrics.figures import Figure, Gap, half_up
from services.metrics.periods import Window

WINDOW = Window(date(2017, 4, 1), date(2017, 6, 30))


def figure(value, status=None):
    return Figure(WINDOW, value, status or ("no-data" if value is None else "complete"))


@pytest.mark.parametrize(
    ("change", "baseline", "decimals", "rounded"),
    [
        (1, 2000, 1, 0.1),  # 0.05
        (-1, 2000, 1, -0.1),  # away from zero on either side
        (1, 2001, 1, 0.0),
        (3, 2000, 1, 0.2),  # 0.15, which binary fractions would round down
        (41_937, 748_536, 1, 5.6),
        (1406, 516, 0, 272.0),
        (1, 200, 0, 1.0),
        (-1, 200, 0, -1.0),
        (-1, 201, 0, 0.0),
        (-0.1, 50, 1, -0.2),
    ],
)
def test_a_percentage_is_rounded_half_away_from_zero(change, baseline, decimals, rounded):
    assert percent(change, baseline, decimals) == rounded


@pytest.mark.parametrize("decimals", [0, 1])
def test_a_change_that_rounds_to_nothing_is_zero_and_not_minus_zero(decimals):
    assert str(percent(-1, 1_000_000, decimals)) == "0.0"


@given(st.integers(-(10**7), 10**7), st.integers(1, 10**7))
def test_a_percentage_is_within_half_a_tenth_of_the_quotient(change, baseline):
    assert abs(percent(change, baseline, 1) * baseline - 100 * change) <= 0.0501 * baseline


@pytest.mark.parametrize(
    ("current", "baseline", "change", "percent_change"),
    [
        (70_815, 69_548, 1267, 1.8),
        (5, 0, 5, None),  # there is no percentage of nothing
        (0, 0, 0, None),
        (0, 8, -8, -100.0),
        (None, 8, None, None),
        (8, None, None, None),
        (None, None, None, None),
        (61.5, 60.25, 1.25, 2.1),
    ],
)
def test_a_figure_is_compared_with_another_unless_there_is_no_data(current, baseline, change, percent_change):
    found = compare(figure(current), [figure(baseline)])
    assert (found.change, found.percent_change) == (change, percent_change)
    assert (found.current.value, found.baseline.value) == (current, baseline)


@pytest.mark.parametrize(
    ("values", "mean"), [([10, 20, 30], 20), ([10, 20, 31], 20.3), ([1, 1, 1.15], 1.1), ([0, 0, 0], 0)]
)
def test_three_years_are_averaged_to_one_decimal(values, mean):
    found = compare(figure(7), [figure(value) for value in values])
    assert found.baseline.value == mean


def test_an_average_with_a_year_of_no_data_is_no_data():
    found = compare(figure(7), [figure(6), figure(None), figure(5)])
    assert (found.baseline.value, found.baseline.status, found.change) == (None, "no-data", None)


def test_an_average_spans_its_years_and_is_as_good_as_the_worst_of_them():
    early, late = Window(date(2014, 4, 1), date(2014, 6, 30)), Window(date(2016, 4, 1), date(2016, 6, 30))
    found = compare(figure(7), [Figure(early, 6, "complete"), Figure(late, 5, "partial")])
    assert found.baseline.window == Window(early.first, late.last)
    assert found.baseline.status == "partial"


@pytest.mark.parametrize(
    ("current", "baseline", "status"),
    [
        ("complete", "complete", "complete"),
        ("complete", "partial", "partial"),
        ("complete", "no-data", "partial"),
        ("complete", "incomplete", "incomplete"),
        ("partial", "complete", "partial"),
        ("incomplete", "complete", "incomplete"),
        ("no-data", "complete", "no-data"),
    ],
)
def test_a_comparison_is_complete_only_if_both_figures_are(current, baseline, status):
    values = [None if each == "no-data" else 1 for each in (current, baseline)]
    assert compare(figure(values[0], current), [figure(values[1], baseline)]).status == status


@pytest.mark.parametrize(
    ("current", "change", "whole"),
    [
        (19_989, 976, 5.0),  # domestic abuse, quarter 1 of 2017-18
        (4_871, 461, 10.0),  # sexual offences
    ],
)
def test_a_quarter_that_the_report_prints_rises_by_what_it_prints(current, change, whole):
    found = compare(figure(current), [figure(current - change)], "offences")
    assert (found.change, found.change_unit) == (change, "offences")
    assert percent(found.change, current - change, 0) == whole


@pytest.mark.parametrize(
    ("current", "baseline", "points"),
    [(61.5, 60.25, 1.3), (60.25, 61.5, -1.3), (68.6, 62.3, 6.3), (50, 50.04, 0), (44, 46, -2)],
)
def test_percentages_differ_by_points_of_one_decimal(current, baseline, points):
    found = compare(figure(current), [figure(baseline)], "percent")
    assert (found.change, found.percent_change, found.change_unit) == (points, None, "points")


def test_a_derived_percentage_is_compared_before_it_is_rounded():
    exact = [Fraction(1, 3), Fraction(7, 20)]
    rounded = [Figure(WINDOW, half_up(each, 1), "complete", exact=each) for each in exact]
    found = compare(rounded[0], [rounded[1]], "percent")
    assert (rounded[0].value, rounded[1].value) == (0.3, 0.4)
    assert found.change == 0  # a sixtieth of a point, not a tenth


def test_the_percentage_is_that_of_the_exact_mean():
    # The mean is 33.333..., shown as 33.3: 200.0% of the one, 200.3% of the other.
    found = compare(figure(100), [figure(value) for value in (33, 33, 34)])
    assert (found.baseline.value, found.change, found.percent_change) == (33.3, 66.7, 200.0)
    assert percent(found.change, found.baseline.value, 1) != found.percent_change


def test_a_mean_that_rounds_to_a_whole_number_is_still_compared_exactly():
    found = compare(figure(1000), [figure(value) for value in (1, 1, 1.1)])
    assert found.baseline.value == 1
    assert found.percent_change == percent(1000 - found.baseline.exact, found.baseline.exact, 1)


def test_the_mean_of_small_rates_keeps_their_decimals():
    rates = [Fraction(1, 60), Fraction(1, 50), Fraction(1, 40)]
    figures = [Figure(WINDOW, half_up(each, 4), "complete", exact=each) for each in rates]
    assert compare(figures[0], figures, "per 1,000").baseline.value == 0.0206


def test_what_is_missing_from_any_year_is_missing_from_their_mean():
    gaps = [Gap(date(year, 4, 1), date(year, 4, 30), "no data", "a") for year in (2014, 2015)]
    years = [Figure(WINDOW, 3, "partial", missing=(gap,)) for gap in gaps]
    assert compare(figure(7), [*years, figure(3)]).baseline.missing == tuple(gaps)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_change_added_to_the_baseline_is_the_figure(current, baseline):
    assert compare(figure(current), [figure(baseline)]).change + baseline == current
