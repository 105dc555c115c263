from datetime import UTC, date, datetime

import pytest

from shared.clock import Clock, FixedClock


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (datetime(2017, 6, 30, 22, 59, tzinfo=UTC), date(2017, 6, 30)),
        (datetime(2017, 6, 30, 23, 0, tzinfo=UTC), date(2017, 7, 1)),  # British Summer Time
        (datetime(2017, 12, 31, 23, 59, tzinfo=UTC), date(2017, 12, 31)),
    ],
)
def test_the_reporting_day_is_londons(now, today):
    assert FixedClock(now).today() == today


def test_the_wall_clock_is_aware_and_goes_forward():
    clock = Clock()
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first
