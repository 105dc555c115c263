from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from random import Random

import pytest

from local.simulate.rhythm import RHYTHMS
from local.simulate.timeline import arrivals
from shared.clock import LONDON


@pytest.mark.parametrize("kind", RHYTHMS)
def test_a_year_of_the_rhythm_comes_to_its_daily_number(kind):
    hours = [datetime(2023, 1, 1, tzinfo=LONDON) + timedelta(hours=hour) for hour in range(365 * 24)]
    expected = sum(RHYTHMS[kind].per_second(hour) * 3600 for hour in hours) / 365
    assert expected == pytest.approx(RHYTHMS[kind].per_day, rel=0.01)


@pytest.mark.parametrize("kind", RHYTHMS)
def test_no_hour_exceeds_the_most(kind):
    hours = [datetime(2023, 1, 1, tzinfo=LONDON) + timedelta(hours=hour) for hour in range(365 * 24)]
    busiest = max(RHYTHMS[kind].per_second(hour) for hour in hours)
    assert busiest == pytest.approx(RHYTHMS[kind].most_per_second())


def test_arrivals_of_a_week_have_the_daily_number_and_londons_hours():
    start = datetime(2023, 6, 5, tzinfo=LONDON).astimezone(UTC)
    week = takewhile(lambda at: at < start + timedelta(days=7), arrivals(Random(3), "calls", start))
    hours = Counter(at.astimezone(LONDON).hour for at in week)
    assert hours.total() == pytest.approx(7 * 12_500, rel=0.02)
    assert hours[18] > 4 * hours[4]
