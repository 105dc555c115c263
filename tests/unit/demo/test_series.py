import pytest

from local.demo.months import MONTHS, positions
from local.demo.series import spread

EVEN = [1.0] * 24


def test_every_period_comes_out_to_the_digit_and_the_rest_goes_by_weight():
    months = spread([(range(12), 120), (range(12, 24), 240), (range(9, 12), 60), (range(10, 11), 40)], EVEN)
    assert months[:12] == [7, 7, 7, 7, 7, 7, 6, 6, 6, 10, 40, 10]
    assert months[12:] == [20] * 12


def test_a_year_that_has_less_than_its_quarter_is_refused():
    with pytest.raises(ValueError, match="2015-07 to 2016-06: -1 of 9 cannot be placed"):
        spread([(range(12), 9), (range(3), 10)], EVEN)


def test_a_period_that_is_set_to_two_totals_is_refused():
    with pytest.raises(ValueError, match="cannot be placed"):
        spread([(range(3), 10), (range(3), 12)], EVEN)


def test_a_month_of_no_period_is_refused_instead_of_empty():
    with pytest.raises(ValueError, match="2016-07: it lies in no period"):
        spread([(range(12), 120)], EVEN)


def test_a_financial_quarter_is_three_of_the_24_months():
    assert [MONTHS[n] for n in positions("2017-18-Q1")] == ["2017-04", "2017-05", "2017-06"]
    assert [MONTHS[n] for n in positions("2015-16-Q4")] == ["2016-01", "2016-02", "2016-03"]


@pytest.mark.parametrize("period", ["2015-16-Q1", "2017-07", "2014-15", "2015-16"])
def test_a_period_outside_the_24_months_is_refused(period):
    with pytest.raises(ValueError, match="is not within 2015-07 to 2017-06"):
        positions(period)
