from datetime import UTC, date, datetime

import pytest

from services.metrics.extents import Extent
from services.metrics.params import Params, fixed_baseline, last_whole_quarter, span_of
from services.metrics.periods import Window
from services.metrics.queries import CRIMES, Queries
from shared.clock import FixedClock
from shared.errors import Invalid

CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))


class Extents:
    """A reader that knows no more than how far datasets reach."""

    def __init__(self, **reach):
        self._extents = {name: Extent(*map(date.fromisoformat, days.split("|"))) for name, days in reach.items()}

    async def extent(self, kind, dataset):
        return self._extents.get(dataset) if kind == "crime" else None


@pytest.fixture
def params(known):
    return lambda **reach: Params(known, Queries(Extents(**reach), CLOCK, known))


def fields(raised):
    return [error.field for error in raised.value.errors]


@pytest.mark.parametrize(
    ("reach", "end", "dataset"),
    [
        ({"live": "2016-01-01|2017-06-30", "demo": "2015-07-01|2017-06-30"}, "2017-06-30", "live"),
        ({"live": "2017-08-01|2017-08-15", "demo": "2015-07-01|2017-06-30"}, "2017-06-30", "demo"),
        ({"demo": "2015-07-01|2017-06-30", "simulated": "2016-01-01|2017-08-15"}, None, "demo"),
        ({"simulated": "2016-01-01|2017-08-15"}, None, "simulated"),
        ({}, "2017-06-30", "live"),
        ({"other": "2015-07-01|2017-06-30"}, None, "live"),
    ],
)
async def test_where_no_dataset_is_named_the_first_that_reaches_the_days_answers(params, reach, end, dataset):
    asked = params(**reach).dataset_and_window(CRIMES, None, "12m", end and date.fromisoformat(end), None)
    assert (await asked)[0] == dataset


async def test_a_named_dataset_answers_whether_it_reaches_the_days_or_not(params):
    asked = params(live="2016-01-01|2017-06-30").dataset_and_window(CRIMES, "mine", "12m", date(2017, 6, 30), None)
    assert (await asked)[0] == "mine"


@pytest.mark.parametrize(
    ("reach", "end"),
    [
        ({"live": "2016-01-01|2017-06-30"}, date(2017, 6, 30)),
        ({"live": "2016-01-01|2017-08-31"}, date(2017, 8, 15)),  # a month's total reaches beyond today
        ({}, date(2017, 8, 15)),
    ],
)
async def test_where_no_end_is_given_a_window_ends_on_the_last_day_with_data(params, reach, end):
    _, window = await params(**reach).dataset_and_window(CRIMES, None, "month", None, None)
    assert window == Window(end.replace(day=1), end)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2017-06-30", "2017-04-01", "2017-06-30"),
        ("2017-06-29", "2017-01-01", "2017-03-31"),
        ("2017-01-01", "2016-10-01", "2016-12-31"),
    ],
)
def test_the_last_whole_quarter_ends_on_the_day_or_before(day, first, last):
    assert last_whole_quarter(date.fromisoformat(day)) == Window(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["2017-18-Q5", "2017-19-Q1", "2017Q1", "2017-06", "", "0000-01-Q1", "1066-67-Q1"])
async def test_a_bad_quarter_is_refused_by_name(params, text):
    with pytest.raises(Invalid) as raised:
        await params().quarter(text, None)
    assert fields(raised) == ["quarter"]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(None, date(2017, 1, 1), 0), (date(2017, 1, 1), None, 1), (date(2017, 1, 2), date(2017, 1, 1), 0)],
)
def test_days_that_make_no_window_are_refused_by_the_name_of_the_parameter(first, last, field):
    with pytest.raises(Invalid) as raised:
        span_of(first, last)
    assert fields(raised) == [("from", "to")[field]]
    with pytest.raises(Invalid) as raised:
        fixed_baseline("baseline", first, last)
    assert fields(raised) == [("baseline_from", "baseline_to")[field]]


def test_a_baseline_and_a_custom_window_need_their_days():
    with pytest.raises(Invalid) as raised:
        fixed_baseline("baseline", None, None)
    assert fields(raised) == ["baseline_from"]
    assert span_of(None, None) is None
