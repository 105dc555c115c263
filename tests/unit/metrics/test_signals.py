"""Control charts on published worked examples, and on the gun crime that the report describes.

The examples of the NHS's Making Data Count: "SPC charts: XmR testing" for its Single Chart Tool 5.0 with its test data
(github.com/NHSDigital/fdp-react-design-system, SPCChart/test-data), where a run is of 6 points; and NHS England's
demonstration (england.nhs.uk/statistical-process-control-tool), as in nhspy-plotthedots.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.figures import PROVISIONAL, Figure, Gap
from services.metrics.periods import Window, intervals, shift_months
from services.metrics.signals import Start, read
from services.metrics.signals.seasons import changes, windows_before
from services.metrics.signals.spans import span_ending, whole
from services.metrics.signals.xmr import Placed, limits_of, signals

BOTH_WAYS = "8 27 32 26 20 21 23 21 23 22 26 23 20 20 29 28 22 23 25 26 28 29 26 24 36 29 35 22 30 18"
CONFLICT = "43 41 37 36 31 23 15 13 15 18 23 27 31 36 27 19 17 27 15 22"
TWO_OF_THREE = "42 40 39 26 39 24 22 29 32 22 20 23 25 26 22 24 27 7 19 24 7 7 32"
STEP = "16 24 22 19 19 18 24 25 18 17 16 25 15 23 19 35 32 35 31 27 33 28 38 35 30 28 29 27 24 23"


def numbers(text):
    return [float(each) if "." in each else int(each) for each in text.split()]


def monthly(values, first=date(2023, 1, 1)):
    windows = intervals(first, shift_months(first, len(values)) - timedelta(days=1), "month")
    return [Figure(*pair, "complete") for pair in zip(windows, values, strict=True)]


def chart(text, good="up", starts=(), run=6):
    return read(monthly(numbers(text)), starts, good, run)


def places(charted, variation):
    """Counted from 1, as the examples do."""
    return [n for n, each in enumerate(charted.points, 1) if each.variation == variation]


def by_rule(text, rule, run=6):
    values = numbers(text)
    found = signals([Placed(each, limits_of([values])) for each in values], run)
    return {side: [n for n, each in enumerate(found, 1) if (rule, side) in each] for side in ("high", "low")}


@pytest.mark.parametrize(
    ("text", "lower", "mean", "upper"),
    [
        ("20 24 20 26 22 16 18 16 31 28 34 26 30 19 18", 8.76, 23.20, 37.64),
        (
            "55 60 51 50 51 60 50 51 52 52 60 50 60 50 49 45 51 45 44 43 40 35 30 25",
            35.33862319,
            48.29166667,
            61.24471014,
        ),
        ("89 86 75 77 81 74 72 78 76 82 77 54 66 77 86", 57.1, 76.67, 96.24),
    ],
)
def test_limits_lie_2_66_mean_moving_ranges_from_the_mean(text, lower, mean, upper):
    limits = limits_of([numbers(text)])
    assert [float(each) for each in (limits.lower, limits.mean, limits.upper)] == pytest.approx(
        [lower, mean, upper], abs=0.005
    )


@pytest.mark.parametrize(
    ("text", "high", "low"),
    [
        ("45 29 20 22 25 20 27 24 22 23 20 26 20 15 5", [1], [15]),
        ("29 32 35 45 43 23 18 20 16 7 28 26 22 19 20", [4, 5], [10]),
        ("89 86 75 77 81 74 72 78 76 82 77 54 66 77 86", [], [12]),
    ],
)
def test_a_point_beyond_a_limit_signals(text, high, low):
    assert by_rule(text, "outside limits") == {"high": high, "low": low}


@pytest.mark.parametrize(
    ("text", "high", "low"),
    [
        ("31 35 34 29 29 32 26 26 32 35 30 18 31 25 27 22 18 25 25 17", range(1, 7), range(14, 21)),
        ("31 22 19 21 18 18 22 22 29 25 23 26 31 26 28 29 32 24 31 22", range(12, 18), range(2, 9)),
    ],
)
def test_a_run_on_one_side_of_the_mean_is_a_shift(text, high, low):
    assert by_rule(text, "shift") == {"high": list(high), "low": list(low)}


def test_a_shift_of_six_is_none_where_a_run_is_of_seven():
    text = "31 35 34 29 29 32 26 26 32 35 30 18 31 25 27 22 18 25 25 17"
    assert by_rule(text, "shift", run=7) == {"high": [], "low": list(range(14, 21))}


@pytest.mark.parametrize(
    ("text", "high", "low"),
    [
        ("11 14 18 20 22 23 18 21 17 23 26 20 16 25 23 22 19 16 15 12", range(1, 7), range(14, 21)),
        ("23 30 28 25 25 20 18 24 16 13 14 18 18 24 26 29 19 20 28 16", [], []),  # each run pauses: 25 25, 18 18
    ],
)
def test_a_run_that_rises_or_falls_without_a_pause_is_a_trend(text, high, low):
    assert by_rule(text, "trend") == {"high": list(high), "low": list(low)}


@pytest.mark.parametrize(
    ("text", "high", "low"),
    [
        (TWO_OF_THREE, [1, 2, 3, 5], [21, 22]),
        (TWO_OF_THREE.replace("7 7 32", "7 2 32"), [1, 2, 3, 5], []),  # 2 is beyond the limit, and does not count
        (TWO_OF_THREE.replace("39 26 39", "39 24 39").replace("19 24", "19 26"), [1, 2, 3], []),  # 24 is below the mean
    ],
)
def test_two_of_three_beyond_two_sigma_on_one_side_of_the_mean_signal(text, high, low):
    assert by_rule(text, "two of three") == {"high": high, "low": low}


@pytest.mark.parametrize(
    ("good", "first", "second"), [("up", "concerning", "improving"), ("down", "improving", "concerning")]
)
def test_what_a_signal_means_depends_on_which_way_is_good(good, first, second):
    charted = chart(BOTH_WAYS, good)
    assert places(charted, first) == [1, *range(5, 11)]
    assert places(charted, second) == [*range(17, 23), 25, 27]
    assert len(places(charted, "common cause")) == 30 - 15


def test_where_neither_way_is_good_a_signal_is_neither():
    assert places(chart(BOTH_WAYS, "neither"), "neither") == [1, *range(5, 11), *range(17, 23), 25, 27]


@pytest.mark.parametrize(
    ("good", "improving", "concerning"),
    [("up", [1, 2, 3, 4, *range(8, 15)], [5, 6, 7]), ("down", range(1, 12), [12, 13, 14])],
)
def test_where_rules_disagree_better_is_shown_as_by_the_nhs(good, improving, concerning):
    charted = chart(CONFLICT, good)
    assert places(charted, "improving") == list(improving)
    assert places(charted, "concerning") == list(concerning)


def test_a_rebased_chart_has_limits_of_its_own_in_each_section():
    assert places(chart(STEP), "concerning") == list(range(1, 16))
    rebased = chart(STEP, starts=[Start(date(2024, 4, 1), "a new team")])
    assert places(rebased, "improving") == []
    assert places(rebased, "concerning") == list(range(25, 31))
    assert [(each.rests_on, each.reason) for each in rebased.sections] == [(15, ""), (15, "a new team")]


def test_a_baseline_that_is_fixed_by_hand_holds_for_what_follows_it():
    fixed = chart(STEP, starts=[Start(date(2023, 1, 1), "before the team", until=date(2024, 3, 31))])
    (section,) = fixed.sections
    assert (section.rests_on, section.limits.mean) == (15, 20)
    assert places(fixed, "improving") == list(range(16, 31))


def test_a_run_crosses_a_rebase_and_no_break_of_the_series():
    day = date(2024, 4, 1)
    text = "9 11 10 9 11 10 9 11 10 9 11 10 11 12 13 14 15 16 17 16 17 16 17 16 17 16 17 16 17"
    across, broken = chart(text, starts=[Start(day, "why")]), chart(text, starts=[Start(day, "why", is_break=True)])
    trends = [
        [n for n, each in enumerate(found.points, 1) if ("trend", "high") in each.signals] for found in (across, broken)
    ]
    assert trends == [list(range(12, 20)), []]


def test_a_shift_crosses_no_rebase_as_it_is_of_one_mean():
    before, after = [19, 21] * 5 + [22] * 4, [35] * 4 + [29, 31] * 4
    starts = [Start(date(2024, 3, 1), "a new team")]
    charted = read(monthly(before + after), starts, "up")
    sides = [points.figure.value > points.limits.mean for points in charted.points[9:18]]
    assert sides == [True] * 9  # nine on one side, of two means
    assert not [each for each in charted.points if ("shift", "high") in each.signals]


def test_a_period_that_a_break_cuts_is_of_neither_series():
    quarters = by_quarter([100, 104, 102, 106] * 3 + [5000] + [300, 304, 302, 306] * 3)
    charted = read(quarters, [Start(date(2017, 5, 1), "counted otherwise", is_break=True)], "down")
    cut = charted.points[12]
    assert (cut.figure.value, cut.variation, cut.limits) == (5000, None, None)
    assert [(each.rests_on, each.limits.mean) for each in charted.sections] == [(12, 103), (12, 303)]
    assert {each.variation for each in charted.points} == {"common cause", None}


def test_a_change_is_not_computed_across_a_break_unless_it_is_none():
    now, before = monthly([5, 6], date(2024, 1, 1)), monthly([4, 4], date(2023, 1, 1))
    start = Start(date(2023, 2, 1), "counted otherwise", is_break=True)
    january, february = changes(now, before, "m", [start])
    assert (january.value, january.status, january.missing[0].measure) == (None, "no-data", "m")
    assert february.value == 2  # both of its months are of the new series
    assert [each.value for each in changes(now, before, "m", [start._replace(is_break=False)])] == [1, 2]


def test_eleven_points_have_no_limits_and_say_nothing_and_twelve_do():
    values = "30 31 25 35 34 15 21 23 30 26 26 22"
    assert chart(values).sections[0].limits is not None
    few = chart(values.rpartition(" ")[0])
    assert few.sections[0].lacks == "11 points; limits need 12"
    assert {each.variation for each in few.points} == {None}
    assert few.latest is None


def test_a_baseline_of_six_points_is_refused_and_one_of_seven_is_on_trial():
    seven = Start(date(2023, 1, 1), "level", until=date(2023, 7, 31))
    (section,) = chart(STEP, starts=[seven]).sections
    assert section.is_trial
    (section,) = chart(STEP, starts=[seven._replace(until=date(2023, 6, 30))]).sections
    assert (section.limits, section.lacks) == (None, "a baseline of 6 points; it needs 7")


def test_what_is_not_complete_neither_counts_nor_signals_and_ends_a_run():
    figures = monthly(numbers(STEP))
    gap = Gap(*figures[5].window, "no data", "m")
    figures[5] = Figure(figures[5].window, 900, "partial", missing=(gap,))
    charted = read(figures, (), "up", 6)
    assert charted.points[5].variation is None
    assert charted.sections[0].rests_on == 29
    assert 5 not in [n for n, each in enumerate(charted.points) if each.signals]


def test_what_is_missing_parts_a_run():
    text = "30 31 29 30 31 29 20 21 20 21 20 21 20 30 31 29 31"
    assert shifted(chart(text, run=7)) == list(range(7, 14))
    figures = monthly(numbers(text))
    figures[9] = Figure(figures[9].window, None, "no-data")
    assert shifted(read(figures, (), "up", 7)) == []


def shifted(charted):
    return [n for n, each in enumerate(charted.points, 1) if ("shift", "low") in each.signals]


def test_a_provisional_figure_counts():
    figures = monthly(numbers(STEP))
    last = figures[-1]
    figures[-1] = Figure(last.window, 90, "partial", missing=(Gap(*last.window, PROVISIONAL, "m"),))
    assert read(figures, (), "up").points[-1].variation == "improving"


@given(st.lists(st.integers(0, 50), min_size=12, max_size=40), st.integers(-100, 100), st.integers(1, 9))
def test_signals_do_not_depend_on_where_zero_lies_or_on_the_unit(values, shift, scale):
    plain = read(monthly(values), (), "up")
    moved = read(monthly([(each + shift) * scale for each in values]), (), "up")
    assert [each.signals for each in plain.points] == [each.signals for each in moved.points]


@given(st.lists(st.integers(0, 50), min_size=12, max_size=40))
def test_what_is_good_one_way_is_bad_the_other_but_where_rules_disagree(values):
    up, down = (read(monthly(values), (), good) for good in ("up", "down"))
    for one, other in zip(up.points, down.points, strict=True):
        sides = {each.side for each in one.signals}
        expected = {0: {"common cause"}, 1: {"improving", "concerning"}, 2: {"improving"}}[len(sides)]
        assert {one.variation, other.variation} == expected


# The report of quarter 1 of 2017-18: gun crime "remained constant between Q1 2014/15 and Q3 2015/16 averaging 465
# offences each quarter. However, Q1 2016/17 saw the first significant rise, which continued in the following quarters",
# with 1,862 offences in the 12 months to June 2016 and 2,645 in those to June 2017.
GUN_CRIME = [470, 465, 471, 466, 469, 458, 456, 452, 496, 610, 660, 670, 705]
LEVEL = 7
BASELINE = Start(date(2014, 4, 1), "constant between Q1 2014/15 and Q3 2015/16", until=date(2015, 12, 31))


def by_quarter(counts, first=date(2014, 4, 1)):
    windows = intervals(first, shift_months(first, 3 * len(counts)) - timedelta(days=1), "quarter")
    return [Figure(*pair, "complete") for pair in zip(windows, counts, strict=True)]


def by_month(counts, first=date(2014, 4, 1)):
    """Each quarter in thirds, which differ as months do."""
    return monthly([(count + n) // 3 + more for count in counts for n, more in ((1, 4), (0, -6), (2, 2))], first)


def test_the_gun_crime_series_is_built_to_the_words_of_the_report():
    assert sum(GUN_CRIME[:LEVEL]) / LEVEL == 465
    assert sum(GUN_CRIME[9:]) == 2_645
    assert sum(GUN_CRIME[5:9]) == 1_862
    assert sum(figure.value for figure in by_month(GUN_CRIME)) == sum(GUN_CRIME)


@pytest.mark.parametrize("series", [by_quarter, by_month], ids=["by quarter", "by month"])
def test_gun_crime_is_level_until_2015_16_q3_and_first_signals_a_rise_in_2016_17_q1(series):
    charted = read(series(GUN_CRIME), [BASELINE], "down")
    level = [each for each in charted.points if each.figure.window.last <= date(2016, 3, 31)]
    assert {each.variation for each in level} == {"common cause"}
    first = next(each for each in charted.points if each.signals)
    assert date(2016, 4, 1) <= first.figure.window.first <= date(2016, 6, 30)
    assert first.variation == "concerning"
    after = [each for each in charted.points if each.figure.window.first >= date(2016, 7, 1)]
    assert {each.variation for each in after} == {"concerning"}


def test_a_season_is_charted_as_the_change_on_the_same_months_of_the_year_before():
    summers = [100 + 60 * (4 <= n % 12 <= 8) for n in range(24)]
    before, now = monthly(summers)[:12], monthly([each + 20 for each in summers])[12:]
    found = changes(now, before, "m")
    assert [each.value for each in found] == [20] * 12
    assert [each.window for each in found] == [each.window for each in now]
    months = [each.window for each in now]
    assert windows_before(months, "month") == [each.window for each in before]
    (week,) = windows_before([Window(date(2017, 6, 26), date(2017, 7, 2))], "week")
    assert week == Window(date(2016, 6, 27), date(2016, 7, 3))  # Monday to Sunday as well


@pytest.mark.parametrize(
    ("then", "status"), [(Figure(Window(date(2022, 1, 1), date(2022, 1, 31)), None, "no-data"), "no-data")]
)
def test_a_change_on_a_year_without_data_has_none(then, status):
    (found,) = changes(monthly([5]), [then], "m")
    assert (found.value, found.status) == (None, status)


@pytest.mark.parametrize(
    ("interval", "end", "first", "last"),
    [
        ("month", date(2017, 6, 30), date(2017, 4, 1), date(2017, 6, 30)),
        ("month", date(2017, 6, 29), date(2017, 3, 1), date(2017, 5, 31)),
        ("quarter", date(2017, 8, 1), date(2016, 10, 1), date(2017, 6, 30)),
        ("week", date(2017, 7, 4), date(2017, 6, 12), date(2017, 7, 2)),
    ],
)
def test_a_chart_ends_with_the_last_whole_period(interval, end, first, last):
    span = span_ending(end, interval, points=3)
    assert span == Window(first, last)
    assert len(whole(span, interval)) == 3
    assert whole(Window(first + timedelta(days=1), last), interval) == whole(span, interval)[1:]
