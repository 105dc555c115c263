"""Exact arithmetic, rounded once, half away from zero."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.comparisons import percent
from services.metrics.figures import Gap, exactly, half_up, merged, worst

STATUSES = ["complete", "partial", "incomplete", "no-data"]
decimals = st.decimals(-(10**6), 10**6, places=4, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (Fraction(1, 20), 1, 0.1),
        (Fraction(-1, 20), 1, -0.1),
        (Fraction(1, 3), 4, 0.3333),
        (Fraction(2, 3), 4, 0.6667),
        (Fraction(5, 2), 0, 3),
        (Fraction(49, 1000), 1, 0),
        (Fraction(61, 3), 1, 20.3),
        (7, 1, 7),
    ],
)
def test_a_number_is_rounded_half_away_from_zero(value, places, rounded):
    assert half_up(value, places) == rounded


@given(decimals, st.integers(0, 3))
def test_rounding_is_that_of_decimal_arithmetic(value, places):
    expected = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert Decimal(str(half_up(Fraction(value), places))) == expected
    assert str(half_up(Fraction(value), places)) not in ("-0", "-0.0")


@given(decimals, decimals.filter(bool), st.integers(0, 2))
def test_a_percentage_is_that_of_decimal_arithmetic(change, baseline, places):
    exact = Fraction(change) * 100 / Fraction(baseline)
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    rounded = quotient.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert percent(float(change), float(baseline), places) == float(rounded)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9).filter(bool), st.integers(0, 2))
def test_a_percentage_of_counts_is_that_of_decimal_arithmetic(change, baseline, places):
    quotient = Decimal(change * 100) / Decimal(baseline)
    assert percent(change, baseline, places) == float(quotient.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


@given(decimals)
def test_a_float_stands_for_the_decimal_that_it_is_written_as(value):
    assert exactly(float(value)) == Fraction(value)


@pytest.mark.parametrize("grave", range(4))
def test_the_worst_of_statuses_is_the_gravest_in_any_order(grave):
    assert worst(STATUSES[: grave + 1]) == worst(STATUSES[grave::-1]) == STATUSES[grave]


def test_gaps_stand_once_and_in_the_order_of_their_days():
    early, late = (Gap(date(2017, month, 1), date(2017, month, 9), "no data", "a") for month in (4, 5))
    assert merged([late, early, late]) == (early, late)
