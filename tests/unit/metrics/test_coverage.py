"""What is missing from a count is said by its days, and only then."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.coverage import LOST, NO_DATA, NOT_OVER, TOTAL_ONLY, gaps_of
from services.metrics.extents import Extent, status_of
from services.metrics.periods import Window

TODAY = date(2017, 8, 15)
MONTHS = frozenset(date(2017, month, 1) for month in (1, 2, 4, 5, 6, 8))
EXTENT = Extent(date(2017, 1, 10), date(2017, 8, 15), {"burglary": date(2017, 1, 10)}, MONTHS)


def gaps(first, last, extent=EXTENT, today=TODAY):
    window = Window(date.fromisoformat(first), date.fromisoformat(last))
    status = status_of(extent, "burglary", window, today)
    return [(f"{gap.first}|{gap.last}", gap.reason) for gap in gaps_of(extent, "burglary", window, status, today)]


@pytest.mark.parametrize(
    ("first", "last", "missing"),
    [
        ("2017-04-01", "2017-06-30", []),
        ("2017-01-01", "2017-02-28", []),  # the month that the data begin in
        ("2017-02-01", "2017-04-30", [("2017-03-01|2017-03-31", NO_DATA)]),
        ("2016-11-15", "2017-01-31", [("2016-11-15|2016-12-31", NO_DATA)]),
        ("2017-08-01", "2017-08-31", [("2017-08-15|2017-08-31", NOT_OVER)]),
        ("2017-07-20", "2017-08-15", [("2017-07-20|2017-07-31", NO_DATA), ("2017-08-15|2017-08-15", NOT_OVER)]),
        ("2015-01-01", "2015-03-31", [("2015-01-01|2015-03-31", NO_DATA)]),
        ("2018-01-01", "2018-03-31", [("2018-01-01|2018-03-31", NOT_OVER)]),
        ("2017-08-16", "2017-08-31", [("2017-08-16|2017-08-31", NOT_OVER)]),
    ],
)
def test_the_days_that_are_missing_are_named_with_the_reason(first, last, missing):
    assert gaps(first, last) == missing


def test_today_itself_is_not_over():
    none_yet = replace(EXTENT, last=TODAY - timedelta(days=1))
    assert gaps("2017-08-15", "2017-08-15", none_yet) == [("2017-08-15|2017-08-15", NOT_OVER)]


def test_days_after_the_last_record_are_missing_though_their_month_has_data():
    early = replace(EXTENT, last=date(2017, 6, 20))
    assert gaps("2017-06-01", "2017-06-30", early) == [("2017-06-21|2017-06-30", NO_DATA)]


def test_days_of_a_month_of_which_only_the_total_is_known_are_missing_at_a_windows_edges():
    coarse = replace(EXTENT, coarse=frozenset({date(2017, 4, 1), date(2017, 5, 1)}))
    assert gaps("2017-04-10", "2017-05-31", coarse) == [("2017-04-10|2017-04-30", TOTAL_ONLY)]


def test_lost_records_leave_the_whole_window_in_doubt():
    assert gaps("2017-04-01", "2017-06-30", replace(EXTENT, lost=1)) == [("2017-04-01|2017-06-30", LOST)]


def test_a_dataset_without_a_record_has_no_data():
    assert gaps("2017-04-01", "2017-06-30", None) == [("2017-04-01|2017-06-30", NO_DATA)]


days = st.dates(date(2016, 6, 1), date(2018, 6, 1))


@given(days, st.integers(0, 500), days, st.sets(st.sampled_from(sorted(MONTHS))))
def test_there_is_something_missing_exactly_where_a_count_is_not_complete(first, length, today, months):
    extent = replace(EXTENT, months=frozenset(months), coarse=frozenset({date(2017, 5, 1)}))
    window = Window(first, first + timedelta(days=length))
    status = status_of(extent, "burglary", window, today)
    found = gaps_of(extent, "burglary", window, status, today)
    assert bool(found) == (status != "complete")
    assert all(window.first <= gap.first <= gap.last <= window.last for gap in found)
