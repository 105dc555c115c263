"""Which posted figure answers for a window, or how several do together."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.figures import PROVISIONAL
from services.metrics.indicators import NOT_POSTED, Indicators
from services.metrics.periods import Window, intervals
from shared.events import Indicator
from shared.reference.measures import Measure

LONDON = "E12000007"
YEAR = Window(date(2016, 7, 1), date(2017, 6, 30))
QUARTER = Window(date(2017, 4, 1), date(2017, 6, 30))


def measure(over="last", **fields):
    declared = {"id": "good-job", "title": "", "definition": "", "unit": "percent", "good": "up", "plan_area": ""}
    return Measure(**declared, kind="indicator", version=1, over=over, **fields)


def posted(period, value, **fields):
    known = {"indicator": "good-job", "area": LONDON, "unit": "percent", "status": "final"}
    return Indicator(period=period, value=value, **(known | fields))


def answer(figures, over="last", window=YEAR, **fields):
    return Indicators(figures).figure(measure(over, **fields), LONDON, window)


def gaps(figure):
    return [(f"{gap.first}|{gap.last}", gap.reason) for gap in figure.missing]


@pytest.mark.parametrize(
    ("figures", "value", "status"),
    [
        ([posted("2016-17-Q4", 66), posted("2017-18-Q1", 68)], 68, "complete"),
        ([posted("2017-18-Q1", 68), posted("2016-17-Q4", 66)], 68, "complete"),
        ([posted("2017-18-Q1", 68), posted("2017-18-Q2", 69)], 68, "complete"),  # that one ends after the window
        ([posted("2016-06", 61)], None, "no-data"),
        ([posted("2016-07", 0.0)], 0.0, "complete"),  # zero is not no data
        ([posted("2017-06", 68, status="provisional")], 68, "partial"),
        ([posted("2017-06", 68, breakdown={"sex": "female"})], None, "no-data"),
        ([posted("2017-06", 68, area="E09000007")], None, "no-data"),
        ([posted("2017-06", 68, indicator="pcsos")], None, "no-data"),
        ([posted("2017-06", 68), posted("2017-06", 67, revision=2)], 67, "complete"),
        ([], None, "no-data"),
    ],
)
def test_the_latest_period_that_ends_within_the_window_answers(figures, value, status):
    figure = answer(figures)
    assert (figure.value, figure.status) == (value, status)
    assert bool(figure.missing) == (status != "complete")


@pytest.mark.parametrize(
    ("window", "value"), [(YEAR, 70), (QUARTER, 65), (Window(date(2017, 6, 1), date(2017, 6, 30)), 60)]
)
def test_of_figures_that_end_on_one_day_the_one_for_the_windows_days_answers(window, value):
    figures = [posted("2017-06", 60), posted("2016-07/2017-06", 70), posted("2017-18-Q1", 65)]
    assert answer(figures, window=window).value == value


def test_a_level_stands_until_the_next_is_posted():
    figures = [posted("2015-16-Q4", 31_000), posted("2017-18-Q2", 30_000)]
    assert answer(figures, "standing").value == 31_000
    assert answer(figures, "last").value is None
    assert answer(figures[1:], "standing").status == "no-data"
    assert answer([posted("2017-18", 30_500)], "standing").status == "no-data"  # that year is not over yet


def test_a_view_reads_another_indicator_at_its_breakdown_alone():
    figures = [posted("2017-06", 70), posted("2017-06", 64, breakdown={"sex": "Female"})]
    view = {"indicator": "good-job", "breakdown": {"sex": "Female"}}
    assert answer(figures, **view).value == 64
    assert answer(figures[:1], **view).value is None


def test_periods_that_tile_a_window_are_added_up_or_averaged():
    figures = [posted("2017-04", 10), posted("2017-05", 20), posted("2017-06", 40.5)]
    assert (answer(figures, "sum", QUARTER).value, answer(figures, "sum", QUARTER).status) == (70.5, "complete")
    mean = answer(figures, "mean", QUARTER)
    assert (mean.value, mean.exact) == (23.5, Fraction(47, 2))  # a month is a month, of 30 days or of 31


def test_a_longer_period_stands_for_the_shorter_ones_within_it():
    figures = [posted("2017-04", 10), posted("2017-05", 20), posted("2017-06", 30), posted("2017-18-Q1", 66)]
    assert answer(figures, "sum", QUARTER).value == 66
    figures += [posted("2016-17-Q4", 4)]
    assert answer(figures, "mean", Window(date(2017, 1, 1), date(2017, 6, 30))).value == 35


def test_a_period_that_reaches_out_of_the_window_is_no_part_of_it():
    assert answer([posted("2016-17-Q4", 5), posted("2017-02/2017-04", 7)], "sum", QUARTER).status == "no-data"


def test_what_does_not_tile_the_window_is_partial_and_says_what_is_missing():
    figure = answer([posted("2017-05", 20), posted("2017-06-01", 1)], "sum", QUARTER)
    assert (figure.value, figure.status) == (21, "partial")
    assert gaps(figure) == [("2017-04-01|2017-04-30", NOT_POSTED), ("2017-06-02|2017-06-30", NOT_POSTED)]


def test_a_sum_with_a_provisional_part_is_partial():
    figures = [posted("2017-04", 1), posted("2017-05", 2), posted("2017-06", 3, status="provisional")]
    figure = answer(figures, "sum", QUARTER)
    assert (figure.value, figure.status) == (6, "partial")
    assert gaps(figure) == [("2017-06-01|2017-06-30", PROVISIONAL)]


def test_the_tiling_that_holds_the_most_days_is_chosen():
    # 2017-04 with 2017-05 holds more days than the interval that overlaps both.
    figures = [posted("2017-04", 1), posted("2017-05", 2), posted("2017-04-20/2017-05-30", 100)]
    assert answer(figures, "sum", QUARTER).value == 3


@given(st.data())
def test_the_sum_of_months_is_the_same_however_they_are_posted_together(data):
    months = intervals(*YEAR, "month")
    values = data.draw(st.lists(st.integers(0, 10**6), min_size=12, max_size=12))
    cuts = sorted(data.draw(st.sets(st.integers(1, 11))))
    figures = []
    for begin, end in zip([0, *cuts], [*cuts, 12], strict=True):
        period = f"{months[begin].first}/{months[end - 1].last}"
        figures.append(posted(period, sum(values[begin:end])))
    found = answer(data.draw(st.permutations(figures)), "sum")
    assert (found.value, found.status) == (sum(values), "complete")


@given(st.sets(st.integers(0, 90), min_size=1))
def test_gaps_and_posted_days_make_up_the_window(offsets):
    days = [QUARTER.first + timedelta(days=offset) for offset in offsets]
    figure = answer([posted(day.isoformat(), 1) for day in days], "sum", QUARTER)
    missing = sum(Window(gap.first, gap.last).days for gap in figure.missing)
    assert (figure.value, missing) == (len(days), QUARTER.days - len(days))
