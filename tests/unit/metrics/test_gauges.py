"""Every measure in Prometheus, by itself."""

from datetime import UTC, date, datetime

import pytest
from prometheus_client import REGISTRY

from services.metrics.gauges import Gauges, whole_months
from services.metrics.periods import Window
from services.metrics.queries import Queries
from shared.clock import FixedClock
from shared.errors import Unavailable
from shared.events import Indicator
from shared.reference import reference
from tests.unit.metrics.fake_reader import FakeReader

CLOCK = FixedClock(datetime(2017, 7, 15, tzinfo=UTC))
LONDON = "E12000007"
YEAR = Window(date(2016, 7, 1), date(2017, 6, 30))


@pytest.fixture
def reader():
    known = reference()
    index = known.areas.resolve(LONDON).index
    return FakeReader(
        known, {("demo", "crime"): "2015-07-01|2017-07-10"}, {("demo", "knife-crime", index, YEAR): 13_121}
    )


@pytest.fixture
def gauges(reader):
    return Gauges(Queries(reader, CLOCK, reference()), reference())


def sample(measure, name="oversight_measure", dataset="demo"):
    labels = {"measure": measure, "area": LONDON, "dataset": dataset, "window": "12m"}
    return REGISTRY.get_sample_value(name, labels)


async def test_a_measure_has_a_sample_of_its_last_twelve_whole_months(gauges):
    await gauges.refresh()
    assert (sample("knife-crime"), sample("knife-crime", "oversight_measure_complete")) == (13_121, 1)
    assert sample("total-burglary") == 0


async def test_what_has_no_data_has_no_sample(gauges):
    await gauges.refresh()
    assert (sample("calls-999"), sample("knife-crime", dataset="live")) == (None, None)


async def test_a_sample_goes_when_its_data_do(gauges, reader):
    await gauges.refresh()
    assert sample("knife-crime") is not None
    reader.reach.clear()
    await gauges.refresh()
    assert (sample("knife-crime"), sample("knife-crime", "oversight_measure_complete")) == (None, None)


async def test_a_sample_that_rests_on_less_than_twelve_months_says_so(gauges, reader):
    reader.reach["demo", "crime"] = "2017-01-01|2017-07-10"
    await gauges.refresh()
    assert (sample("knife-crime"), sample("knife-crime", "oversight_measure_complete")) == (13_121, 0)


async def test_posted_figures_have_samples_too(gauges, reader):
    fields = {"area": LONDON, "unit": "people", "status": "final"}
    reader.posted["demo"] = [Indicator(indicator="police-officers", period="2017-18-Q1", value=30_719, **fields)]
    await gauges.refresh()
    assert sample("police-officers") == 30_719


async def test_while_the_store_does_not_answer_the_samples_stay(gauges, reader):
    await gauges.refresh()

    async def down(*_):
        raise Unavailable("Redis does not answer")

    reader.sums = down
    with pytest.raises(Unavailable):
        await gauges.refresh()
    assert sample("knife-crime") == 13_121


@pytest.mark.parametrize(
    ("last", "today", "end"),
    [
        ("2017-06-30", "2017-07-15", "2017-06-30"),
        ("2017-06-29", "2017-07-15", "2017-05-31"),
        ("2017-07-15", "2017-07-15", "2017-06-30"),
        ("2017-07-31", "2017-07-31", "2017-06-30"),  # the day is not over
        ("2017-07-31", "2017-08-01", "2017-07-31"),
        ("2017-01-10", "2017-08-01", "2016-12-31"),
    ],
)
def test_the_twelve_months_end_with_a_month_that_is_over_and_has_data_to_its_end(last, today, end):
    window = whole_months(date.fromisoformat(last), date.fromisoformat(today))
    assert (window.last.isoformat(), window.first.day) == (end, 1)
    assert window.days in (365, 366)
