from datetime import date, timedelta

import msgspec

from local.simulate.history import make_history
from local.simulate.records import Record
from local.simulate.truth import LONDON_ID, Truth
from shared.clock import LONDON

DAYS = [date(2024, 3, 25) + timedelta(days=n) for n in range(14)]  # the clocks go forward within


def decoded(history):
    types = {"crimes": Record.__args__[0], "calls": Record.__args__[1], "stops": Record.__args__[2]}
    return [msgspec.json.decode(line, type=types[kind]) for kind, line in history.items]


def test_every_record_is_there_and_dated_on_one_of_the_days_in_london(records):
    events = decoded(make_history(1, records, 3000, DAYS))
    assert len({event.record_id for event in events}) == 3000
    for event in events:
        if hasattr(event, "recorded_on"):
            day = date.fromisoformat(event.recorded_on)
        else:
            day = getattr(event, "received_at", None) or event.stopped_at
            day = day.astimezone(LONDON).date()
        assert day in DAYS


def test_the_truth_is_what_the_posted_events_come_to(records):
    history = make_history(1, records, 3000, DAYS)
    by_id = {}
    for event in decoded(history):
        by_id.setdefault(event.record_id, []).append(event)
    truth = Truth()
    for versions in by_id.values():
        truth.add(versions)
    assert history.truth.counts() == truth.counts()


def test_the_mix_is_londons(records):
    counts = make_history(1, records, 20_000, DAYS).truth.counts()
    calls = counts["calls-999"][LONDON_ID] + counts["calls-101"][LONDON_ID]
    assert 16_000 < calls < 17_200
    assert 2_500 < counts["total-notifiable-offences"][LONDON_ID] < 3_300
    assert 370 < counts["stops-and-searches"][LONDON_ID] < 560
    assert all(areas for areas in counts.values())


def test_the_same_seed_gives_the_same_history(records):
    assert make_history(4, records, 300, DAYS).items == make_history(4, records, 300, DAYS).items
    assert make_history(4, records, 300, DAYS).items != make_history(5, records, 300, DAYS).items
