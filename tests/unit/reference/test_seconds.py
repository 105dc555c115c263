"""Buckets of durations: where the edges stand, and that quantiles read from counts lie where they are said to."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.seconds import BOUND, EDGES, ROUND, bucket_of, quantile

SECONDS = st.floats(min_value=0, max_value=EDGES[-1])
SHARES = st.sampled_from([0.1, 0.5, 0.9, 0.99, 1.0])


def counted(durations):
    counts = [0] * (len(EDGES) + 1)
    for each in durations:
        counts[bucket_of(each)] += 1
    return counts


def exact(durations, q):
    """The smallest of them that a share q does not exceed, by going through them."""
    ordered = sorted(durations)
    return next(each for rank, each in enumerate(ordered, 1) if rank >= q * len(ordered))


def test_edges_ascend_by_whole_seconds_and_at_most_a_tenth_up_to_a_day():
    assert len(EDGES) <= 200
    assert EDGES[-1] == 86_400
    assert set(ROUND) <= set(EDGES)
    assert EDGES[:10] == tuple(range(1, 11))
    assert all(low < high <= low * 1.1 for low, high in pairwise(EDGES) if low >= 10)


@pytest.mark.parametrize("edge", [1, 10, 30, 900, 86_400])
def test_a_duration_is_within_an_edge_that_it_equals_and_not_within_one_it_exceeds(edge):
    assert bucket_of(edge) == EDGES.index(edge)
    assert bucket_of(edge + 0.1) == EDGES.index(edge) + 1


def test_longer_than_a_day_has_a_bucket_of_its_own():
    assert bucket_of(10_000_000) == len(EDGES)
    assert quantile(counted([10_000_000]), 0.5) == EDGES[-1]


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_what_is_no_duration_is_refused(seconds):
    with pytest.raises(ValueError, match="seconds, not 0 or more"):
        bucket_of(seconds)


@given(SECONDS)
def test_a_bucket_holds_what_lies_above_the_edge_before_and_up_to_its_own(seconds):
    bucket = bucket_of(seconds)
    assert seconds <= EDGES[bucket]
    assert bucket == 0 or seconds > EDGES[bucket - 1]


@given(st.lists(SECONDS, min_size=1, max_size=50), SHARES)
def test_a_quantile_lies_within_the_bound_of_the_exact_one(durations, q):
    true, read = exact(durations, q), quantile(counted(durations), q)
    assert abs(read - true) <= (BOUND * true if true >= 10 else 1) + 1e-9


@given(st.lists(st.integers(0, EDGES[20]), min_size=1, max_size=50), SHARES)
def test_a_quantile_of_few_whole_seconds_is_exact(durations, q):
    assert quantile(counted(durations), q) == max(exact(durations, q), 1)


@given(st.lists(SECONDS, min_size=1, max_size=30))
def test_a_higher_quantile_is_no_shorter(durations):
    read = [quantile(counted(durations), q) for q in (0.1, 0.5, 0.9)]
    assert read == sorted(read)


def test_of_nothing_there_is_no_quantile():
    assert quantile(counted([]), 0.5) is None


def test_a_histogram_of_another_length_is_refused():
    with pytest.raises(ValueError, match="3 counts are not one of each of"):
        quantile([1, 2, 3], 0.5)


@pytest.mark.parametrize("q", [0, -0.5, 1.5, 90])
def test_a_share_that_is_none_is_refused(q):
    with pytest.raises(ValueError, match="not above 0 and at most 1"):
        quantile(counted([5]), q)
