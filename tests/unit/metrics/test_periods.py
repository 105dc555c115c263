"""Windows and their baselines. In the drawings a letter is a month: # of the window, b of what it is compared with."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.periods import (
    INTERVALS,
    Window,
    baselines,
    cover,
    intervals,
    period_before,
    shift_months,
    window_ending,
    year_before,
)

DAY = timedelta(days=1)
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
windows = st.tuples(days, st.integers(0, 1500)).map(lambda drawn: Window(drawn[0], drawn[0] + drawn[1] * DAY))


def window(text):
    return Window(*map(date.fromisoformat, text.split("|")))


@pytest.mark.parametrize(
    ("name", "end", "against", "drawn"),
    [
        #                                         2014         2015         2016         2017
        ("12m", "2017-06-30", "year-before", "............ ......bbbbbb bbbbbb###### ######......"),
        ("12m", "2017-06-30", "period-before", "............ ......bbbbbb bbbbbb###### ######......"),
        ("12m", "2017-06-30", "3y-average", "bbbbbbbbbbbb bbbbbbbbbbbb bbbbbb###### ######......"),
        ("3m", "2017-05-31", "year-before", "............ ............ ..bbb....... ..###......."),
        ("3m", "2017-05-31", "period-before", "............ ............ ...........b bb###......."),
        ("quarter", "2017-06-30", "year-before", "............ ............ ...bbb...... ...###......"),
        ("quarter", "2017-06-30", "period-before", "............ ............ ............ bbb###......"),
        ("quarter", "2017-06-30", "3y-average", "...bbb...... ...bbb...... ...bbb...... ...###......"),
        ("quarter", "2017-05-31", "year-before", "............ ............ ...bb....... ...##......."),
        ("quarter", "2017-05-31", "period-before", "............ ............ ............ bb.##......."),
        ("month", "2016-02-29", "year-before", "............ .b.......... .#.......... ............"),
        ("month", "2017-02-28", "year-before", "............ ............ .b.......... .#.........."),
        ("month", "2017-01-31", "period-before", "............ ............ ...........b #..........."),
        ("month", "2017-03-31", "period-before", "............ ............ ............ .b#........."),
        ("fytd", "2017-03-31", "year-before", "............ ...bbbbbbbbb bbb######### ###........."),
        ("fytd", "2017-04-30", "year-before", "............ ............ ...b........ ...#........"),
        ("fytd", "2017-05-31", "3y-average", "...bb....... ...bb....... ...bb....... ...##......."),
    ],
)
def test_whole_months_are_compared_with_whole_months(name, end, against, drawn):
    current = window_ending(name, date.fromisoformat(end))
    letters = {month: "b" for each in baselines(name, against, current, None) for month in cover(each).months}
    letters |= dict.fromkeys(cover(current).months, "#")
    assert not cover(current).days
    years = ("".join(letters.get(date(year, month, 1), ".") for month in range(1, 13)) for year in range(2014, 2018))
    assert " ".join(years) == drawn


@pytest.mark.parametrize(
    ("name", "end", "current", "a_year_before", "a_period_before"),
    [
        ("week", "2017-06-30", "2017-06-24|2017-06-30", "2016-06-25|2016-07-01", "2017-06-17|2017-06-23"),
        ("week", "2016-03-02", "2016-02-25|2016-03-02", "2015-02-26|2015-03-04", "2016-02-18|2016-02-24"),
        ("month", "2017-06-15", "2017-06-01|2017-06-15", "2016-06-01|2016-06-15", "2017-05-01|2017-05-15"),
        ("month", "2017-03-30", "2017-03-01|2017-03-30", "2016-03-01|2016-03-30", "2017-02-01|2017-02-28"),
        ("month", "2016-02-28", "2016-02-01|2016-02-28", "2015-02-01|2015-02-28", "2016-01-01|2016-01-28"),
        ("3m", "2017-05-15", "2017-02-16|2017-05-15", "2016-02-16|2016-05-15", "2016-11-16|2017-02-15"),
        ("quarter", "2017-05-10", "2017-04-01|2017-05-10", "2016-04-01|2016-05-10", "2017-01-01|2017-02-10"),
        ("12m", "2017-05-10", "2016-05-11|2017-05-10", "2015-05-11|2016-05-10", "2015-05-11|2016-05-10"),
        ("12m", "2016-02-29", "2015-03-01|2016-02-29", "2014-03-01|2015-02-28", "2014-03-01|2015-02-28"),
        ("12m", "2016-02-28", "2015-03-01|2016-02-28", "2014-03-01|2015-02-28", "2014-03-01|2015-02-28"),
        ("fytd", "2017-04-01", "2017-04-01|2017-04-01", "2016-04-01|2016-04-01", "2016-04-01|2016-04-01"),
        ("fytd", "2017-03-01", "2016-04-01|2017-03-01", "2015-04-01|2016-03-01", "2015-04-01|2016-03-01"),
    ],
)
def test_windows_that_end_within_a_month_are_compared_day_for_day(name, end, current, a_year_before, a_period_before):
    ending = window_ending(name, date.fromisoformat(end))
    assert ending == window(current)
    assert year_before(name, ending) == window(a_year_before)
    assert period_before(name, ending) == window(a_period_before)


def test_a_week_is_compared_with_the_same_weekdays_each_year():
    current = window_ending("week", date(2017, 6, 30))
    for each in baselines("week", "3y-average", current, None):
        assert [day.weekday() for day in each] == [day.weekday() for day in current]


def test_a_custom_window_is_compared_with_as_many_days_before_or_with_the_days_given():
    current = window("2017-03-10|2017-03-14")
    assert period_before("custom", current) == window("2017-03-05|2017-03-09")
    assert year_before("custom", current) == window("2016-03-10|2016-03-14")
    assert baselines("custom", "baseline", current, window("2012-01-01|2012-12-31")) == [
        window("2012-01-01|2012-12-31")
    ]


@given(days, st.sampled_from(["week", "3m", "12m"]))
def test_a_rolling_window_begins_the_day_after_the_period_before_it(end, name):
    current = window_ending(name, end)
    assert current.last == end
    assert period_before(name, current).last + DAY == current.first


@given(days, st.integers(-60, 60))
def test_shifting_by_months_keeps_the_day_but_for_a_months_end(day, months):
    shifted = shift_months(day, months)
    assert (shifted.year * 12 + shifted.month) - (day.year * 12 + day.month) == months
    if (day + DAY).day == 1:
        assert (shifted + DAY).day == 1
    else:
        assert shifted.day == day.day or (shifted.day < day.day and (shifted + DAY).day == 1)


@given(windows)
def test_a_cover_holds_every_day_of_its_window_once_and_no_other(drawn):
    months, single = cover(drawn)
    within = [day for first in months for day in _days(first, shift_months(first, 1) - DAY)]
    assert sorted(within + single) == list(_days(*drawn))
    assert not {day.replace(day=1) for day in single} & set(months)


@pytest.mark.parametrize(
    ("ragged", "months", "single"),
    [
        ("2016-02-01|2016-02-29", ["2016-02-01"], 0),
        ("2016-02-01|2016-02-28", [], 28),
        ("2016-01-31|2016-03-01", ["2016-02-01"], 2),
        ("2016-12-31|2017-01-31", ["2017-01-01"], 1),
        ("2016-05-10|2016-05-10", [], 1),
    ],
)
def test_a_ragged_window_is_covered_by_its_whole_months_and_the_days_at_its_edges(ragged, months, single):
    covered = cover(window(ragged))
    assert covered.months == [date.fromisoformat(month) for month in months]
    assert len(covered.days) == single


@given(windows, st.sampled_from(INTERVALS))
def test_intervals_follow_each_other_from_the_first_day_to_the_last(drawn, interval):
    found = intervals(*drawn, interval)
    assert [day for each in found for day in _days(*each)] == list(_days(*drawn))


@pytest.mark.parametrize(
    ("interval", "ends"),
    [
        ("week", ["2017-03-26", "2017-04-02", "2017-04-05"]),  # Sundays
        ("month", ["2017-03-31", "2017-04-05"]),
        ("quarter", ["2017-03-31", "2017-04-05"]),
        ("year", ["2017-03-31", "2017-04-05"]),  # financial years
    ],
)
def test_intervals_end_where_the_calendar_says_and_are_cut_to_the_days_asked_for(interval, ends):
    found = intervals(date(2017, 3, 25), date(2017, 4, 5), interval)
    assert [each.last.isoformat() for each in found] == ends


def _days(first, last):
    return (first + n * DAY for n in range((last - first).days + 1))
