from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.demo.apportion import Carry, apportion, place

WEIGHTS = st.lists(st.floats(min_value=0.001, max_value=1000), min_size=1, max_size=40)


@given(total=st.integers(min_value=0, max_value=100_000), weights=WEIGHTS)
def test_shares_add_up_and_none_is_a_whole_unit_from_its_proportion(total, weights):
    given_out = apportion(total, weights)
    assert sum(given_out) == total
    for share, weight in zip(given_out, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1 + 1e-6


def test_the_largest_remainders_are_rounded_up():
    assert apportion(10, [4.6, 3.3, 2.1]) == [5, 3, 2]


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match="no place has a weight above 0"):
        apportion(3, [0, 0])


def test_no_place_is_given_more_than_it_has_room_for():
    assert place(10, [8.0, 1.0, 1.0], [4, inf, 2]) == [4, 4, 2]


def test_a_total_without_room_is_refused():
    with pytest.raises(ValueError, match="room for 3 of 4"):
        place(4, [2.0, 2.0], [2, 1])


def test_a_place_that_is_owed_less_than_nothing_is_given_nothing():
    assert place(3, [-1.0, 2.0, 2.0], [inf, inf, inf]) == [0, 2, 1]


@given(totals=st.lists(st.integers(min_value=0, max_value=5), min_size=1, max_size=40), weights=WEIGHTS)
def test_rounding_errors_that_are_carried_never_grow(totals, weights):
    carry = Carry(len(weights))
    shared = [carry.apportion(total, weights) for total in totals]
    assert [sum(month) for month in shared] == totals
    for place_given, weight in zip(zip(*shared, strict=True), weights, strict=True):
        due = sum(totals) * weight / sum(weights)
        assert abs(sum(place_given) - due) < len(weights)
