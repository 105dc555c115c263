from datetime import date

import pytest

from services.metrics.indicators import indicator_figure
from services.metrics.periods import Window
from shared.events import Indicator

LONDON = "E12000007"
YEAR = Window(date(2016, 7, 1), date(2017, 6, 30))


def posted(period, value, **fields):
    known = {"indicator": "good-job", "area": LONDON, "unit": "percent", "status": "final"}
    return Indicator(period=period, value=value, **(known | fields))


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
        ([], None, "no-data"),
    ],
)
def test_the_latest_period_that_ends_within_the_window_answers(figures, value, status):
    figure = indicator_figure(figures, "good-job", LONDON, YEAR)
    assert (figure.value, figure.status) == (value, status)
