from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile

import pytest

from local.simulate.timeline import timeline
from shared.events import Call, Crime, Stop

START = datetime(2024, 7, 9, 11, 0, tzinfo=UTC)


def first(records, number, seed=1, speed=1.0):
    return list(islice(timeline(seed, records, START, speed), number))


def test_a_seed_and_a_start_give_the_same_events(records):
    assert first(records, 500) == first(records, 500)
    assert first(records, 500) != first(records, 500, seed=2)


@pytest.mark.parametrize("speed", [1.0, 24.0])
def test_events_come_in_order_from_the_start_on(records, speed):
    events = first(records, 5000, speed=speed)
    assert events[0].at >= START
    assert all(earlier.at <= later.at for earlier, later in pairwise(events))


@pytest.mark.parametrize("speed", [1.0, 24.0])
def test_no_record_is_dated_after_it_is_posted(records, speed):
    for event in first(records, 5000, speed=speed):
        match event.record:
            case Call():
                assert event.record.received_at <= event.at
            case Stop():
                assert event.record.stopped_at <= event.at
            case Crime():
                assert event.record.recorded_on <= (event.at + timedelta(hours=1)).date().isoformat()


def test_at_speed_24_a_day_of_london_passes_in_an_hour(records):
    hour = takewhile(lambda e: e.at < START + timedelta(hours=1), timeline(1, records, START, 24.0))
    new = [event for event in hour if event.record.revision == 1]
    assert len({event.record.record_id for event in new}) == pytest.approx(15_050, rel=0.06)
