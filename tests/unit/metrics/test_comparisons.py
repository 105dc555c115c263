from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.comparisons import Figure, compare, percent
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
