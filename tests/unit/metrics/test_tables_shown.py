"""How figures read on a page, and which posted figure is shown."""

from datetime import date

import pytest

from services.metrics.periods import Window
from services.metrics.tables import shown
from services.metrics.tables.exact import difference, total
from services.metrics.tables.layouts.variances import in_words
from services.metrics.tables.posted import Posted
from shared.events import Indicator

QUARTER = Window(date(2017, 4, 1), date(2017, 6, 30))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "percent", "no data"),
        (0, "offences", "0"),
        (790473, "offences", "790,473"),
        (13.25, "percent", "13.3%"),
        (75, "percent", "75.0%"),
        (-16.25, "million pounds", "-£16.3m"),
        (1805.0, "million pounds", "£1,805.0m"),
        (16777584, "pounds", "£16,777,584"),
        (12.5, "seconds", "13 s"),
        (4.2571, "ratio", "4.26"),
    ],
)
def test_a_figure_reads_in_its_unit(value, unit, text):
    assert shown.in_unit(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "offences", "n/a"),
        (0, "offences", "0"),
        (41813, "offences", "+41,813"),
        (-87, "people", "-87"),
        (-6.3, "percent", "-6.3 points"),
        (5, "percent", "+5.0 points"),
        (0, "percent", "0 points"),
        (0.8, "million pounds", "+£0.8m"),
        (-7.1, "million pounds", "-£7.1m"),
    ],
)
def test_a_change_has_its_sign_and_percentages_change_by_points(value, unit, text):
    assert shown.change_in_unit(value, unit) == text


@pytest.mark.parametrize(
    ("nature", "above", "below"),
    [
        ("expenditure", "overspend", "underspend"),
        ("income", "under-recovery", "over-recovery"),
        ("transfer", "less drawn from reserves", "more drawn from reserves"),
        ("saving", "shortfall", "more than planned"),
    ],
)
def test_a_variance_is_said_by_the_nature_of_its_line(nature, above, below):
    assert (in_words(0.1, nature), in_words(-0.1, nature), in_words(0, nature)) == (above, below, "on budget")
    assert in_words(None, nature) is in_words(1, None) is None


def test_differences_and_totals_are_those_of_the_printed_decimals():
    assert 68.6 - 62.3 != 6.3
    assert difference(68.6, 62.3) == 6.3
    assert total([0.1, 0.2, -0.3]) == 0
    assert difference(None, 1) is total([1, None]) is total([]) is None


def posted(period, value, revision=1, **breakdown):
    return Indicator(
        indicator="good-job",
        area="E12000007",
        period=period,
        value=value,
        unit="percent",
        status="final",
        revision=revision,
        breakdown=breakdown,
    )


@pytest.mark.parametrize(
    ("periods", "chosen"),
    [
        (["2016-17-Q4", "2017-18-Q1"], "2017-18-Q1"),
        (["2017-18-Q1", "2017-06"], "2017-06"),  # both end with June; the shorter is the newer
        (["2017-05", "2017-18"], "2017-05"),
        (["2017-18", "2016-17"], "2017-18"),  # a year's figure, while the year runs
        (["2017-18", "2017-04/2017-09"], "2017-04/2017-09"),
        (["2016-17", "2018-19"], None),
        ([], None),
    ],
)
def test_the_latest_period_that_ends_in_the_window_is_shown_or_that_which_runs(periods, chosen):
    found = Posted([posted(period, number) for number, period in enumerate(periods)]).at(
        "good-job", "E12000007", QUARTER
    )
    assert (found.period if found else None) == chosen


def test_of_two_figures_of_one_period_the_higher_revision_is_shown():
    figures = [posted("2017-18-Q1", 1.0, revision=2), posted("2017-18-Q1", 2.0), posted("2017-04/2017-06", 3.0, 3)]
    found = Posted(figures).at("good-job", "E12000007", QUARTER)
    assert found.value == 3.0


def test_what_is_posted_for_a_group_is_not_everybodys():
    assert Posted([posted("2017-18-Q1", 60.0, ethnicity="Black")]).at("good-job", "E12000007", QUARTER) is None
