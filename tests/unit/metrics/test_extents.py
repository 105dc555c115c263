from dataclasses import replace
from datetime import date

import pytest

from services.metrics.extents import Extent, is_unknowable, status_of
from services.metrics.periods import Window

EXTENT = Extent(
    first=date(2016, 1, 10), last=date(2017, 6, 30), measured_from={"burglary": date(2016, 1, 10)}, as_of="2017-07-01"
)
TODAY = date(2017, 7, 2)


def status(first, last, extent=EXTENT, measure="burglary", today=TODAY, presupposed=()):
    return status_of(extent, measure, Window(date.fromisoformat(first), date.fromisoformat(last)), today, presupposed)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        #  data:        2016-01-10 |------------------------------| 2017-06-30
        ("2016-07-01", "2017-06-30", "complete"),
        ("2016-01-01", "2016-01-31", "complete"),  # the month that the data begin in
        ("2015-12-31", "2016-01-31", "partial"),  # before it
        ("2017-06-01", "2017-07-01", "partial"),  # beyond the last day
        ("2015-01-01", "2016-01-09", "no-data"),
        ("2017-07-01", "2017-07-01", "no-data"),
        ("2017-06-30", "2017-06-30", "complete"),
    ],
)
def test_a_window_is_complete_where_the_data_reach(first, last, expected):
    assert status(first, last) == expected


def test_a_dataset_that_is_empty_or_never_counted_the_measure_has_no_data():
    assert status("2016-07-01", "2017-06-30", extent=None) == "no-data"
    assert status("2016-07-01", "2017-06-30", measure="knife-crime") == "no-data"


def test_a_measure_has_no_data_before_it_was_first_counted():
    later = replace(EXTENT, measured_from={"burglary": date(2016, 9, 15)})
    assert status("2016-07-01", "2016-09-14", extent=later) == "no-data"
    assert status("2016-07-01", "2016-09-15", extent=later) != "no-data"


def test_a_window_that_holds_today_is_partial_because_the_day_is_not_over():
    assert status("2017-06-01", "2017-06-30", today=date(2017, 6, 30)) == "partial"
    assert status("2017-06-01", "2017-06-29", today=date(2017, 6, 30)) == "complete"


def test_lost_records_leave_every_window_with_data_incomplete():
    torn = replace(EXTENT, lost=1)
    assert status("2016-07-01", "2017-06-30", extent=torn) == "incomplete"
    assert status("2015-01-01", "2015-12-31", extent=torn) == "no-data"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2016-05-01", "2016-06-30", "complete"),
        ("2016-05-02", "2016-06-30", "partial"),
        ("2016-04-15", "2016-06-30", "complete"),  # April's days are known
        ("2016-05-15", "2016-05-15", "partial"),
    ],
)
def test_a_window_that_cuts_a_month_of_which_only_the_total_is_known_is_partial(first, last, expected):
    assert status(first, last, extent=replace(EXTENT, coarse=frozenset({date(2016, 5, 1)}))) == expected


def test_a_measure_that_leaves_records_out_has_no_data_where_those_were_never_counted():
    assert status("2016-07-01", "2017-06-30", presupposed=["domestic-abuse"]) == "no-data"
    flagged = replace(EXTENT, measured_from={**EXTENT.measured_from, "domestic-abuse": date(2016, 3, 1)})
    assert status("2016-07-01", "2017-06-30", extent=flagged, presupposed=["domestic-abuse"]) == "complete"
    assert status("2016-01-10", "2016-02-29", extent=flagged, presupposed=["domestic-abuse"]) == "no-data"


HOLED = replace(EXTENT, months=frozenset({date(2016, 1, 1), date(2016, 2, 1), date(2017, 6, 1)}))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        #  months:  2016-01 |--| 2016-02 |--|       ...nothing...       2017-06 |--|
        ("2016-01-01", "2016-02-29", "complete"),
        ("2016-02-01", "2016-03-31", "partial"),
        ("2016-03-01", "2017-05-31", "no-data"),
        ("2016-07-01", "2017-06-30", "partial"),
    ],
)
def test_months_without_any_data_are_not_zero(first, last, expected):
    assert status(first, last, extent=HOLED) == expected


def test_a_count_of_nothing_within_a_month_of_which_only_the_total_is_known_says_nothing():
    extent = replace(EXTENT, coarse=frozenset({date(2017, 6, 1)}))
    week, month = Window(date(2017, 6, 12), date(2017, 6, 18)), Window(date(2017, 6, 1), date(2017, 6, 30))
    assert is_unknowable(extent, week)
    assert not is_unknowable(extent, month)
    assert not is_unknowable(replace(extent, coarse=frozenset()), week)
