"""A step takes back what records contributed and adds what they contribute now, against a model of single events."""

from collections import Counter
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.profiles import CANCELLED, DATED_OUTCOME
from services.metrics.rows import (
    BARE_STATE,
    COUNT_STATE,
    CRIME_STATE,
    MONTHLY,
    PLAIN_STATE,
    ROW,
    day_number,
    day_of,
    number_of,
)
from services.metrics.states import names
from services.metrics.steps import LATENESS_DAYS, Batch, work_out

KEYS = [b"a/one/1", b"a/one/2", b"b/one/1", b"b/two/1"]
NAMES = [names([key]) for key in KEYS]
STREAMS = ["a/one", "b/one", "b/two"]
STREAM_OF = [0, 0, 1, 2]
DAYS = [day_number(text) for text in ("2016-02-28", "2016-02-29", "2016-02", "2016-03", "2016-03-01", "2078-12-31")]
TODAY = number_of(date(2016, 3, 2))
LARGEST = {"weight": 2**31 - 1, "area": 255, "revision": 2**63 - 1}

days = st.sampled_from(DAYS)
revisions = st.integers(1, 4) | st.just(LARGEST["revision"])
profiles = st.sampled_from([0, 1, 7, 1 << 31, CANCELLED, CANCELLED | 7])
areas = st.sampled_from([0, 33, LARGEST["area"]])
common = (revisions, profiles, days, areas)
STATES = {
    CRIME_STATE: st.tuples(*common, st.just(0) | days),
    COUNT_STATE: st.tuples(*common, st.sampled_from([0, 1, 5, LARGEST["weight"]])),
    PLAIN_STATE: st.tuples(*common),
}


def events_of(states):
    """Which record each event is of, and its state."""
    return st.lists(st.tuples(st.integers(0, len(KEYS) - 1), states), min_size=1, max_size=12)


def contribution(state, dtype):
    """The model: (day number, profile, weight) of everything that a state adds."""
    _, profile, day, _, *rest = state
    if dtype == CRIME_STATE:
        weight = 0 if profile & CANCELLED else 1
        yield day, profile, weight
        if rest[0]:
            yield rest[0], profile | DATED_OUTCOME, weight
    else:
        yield day, profile, rest[0] if rest else 1


def cells(stored, dtype):
    """The model: records and weight by log, day of the month, area and profile, of what is stored alone."""
    records, weights = Counter(), Counter()
    for record, state in stored.items():
        for number, profile, weight in contribution(state, dtype):
            day = day_of(number)
            log = f"f:{STREAMS[STREAM_OF[record]]}:{day:%Y%m}"
            cell = log, 0 if number & MONTHLY else day.day, state[3], profile
            records[cell] += 1
            weights[cell] += weight
    return {cell: (records[cell], weights[cell]) for cell in records}


def summed(logs):
    """What the rows of the logs come to."""
    records, weights = Counter(), Counter()
    for log, rows in logs:
        for row in np.frombuffer(rows, ROW):
            cell = log, int(row["day"]), int(row["area"]), int(row["profile"])
            records[cell] += int(row["records"])
            weights[cell] += int(row["weight"])
    return {cell: (count, weights[cell]) for cell, count in records.items() if count or weights[cell]}


def applied(stored, events):
    """The model: events one by one, a higher revision in the place of a lower."""
    after = dict(stored)
    for record, state in events:
        if record not in after or state[0] > after[record][0]:
            after[record] = state
    return after


def step_of(stored, events, dtype):
    known = np.zeros(len(events), dtype)
    for place, (record, _) in enumerate(events):
        if record in stored:
            known[place] = stored[record]
    batch = Batch(
        b"".join(NAMES[record] for record, _ in events),
        np.array([state for _, state in events], dtype),
        np.array([STREAM_OF[record] for record, _ in events]),
        STREAMS,
    )
    return work_out(batch, known, TODAY)


def lateness(number):
    late = max(TODAY - number, 0)
    return sum(late > limit for limit in LATENESS_DAYS)


@pytest.mark.parametrize("dtype", STATES, ids=["crimes", "counts", "plain"])
@given(st.data())
def test_what_is_appended_comes_to_what_the_latest_states_contribute(dtype, data):
    stored, logs = {}, []
    for events in data.draw(st.lists(events_of(STATES[dtype]), min_size=1, max_size=4)):
        step, before = step_of(stored, events, dtype), stored
        stored = applied(stored, events)
        changed = {NAMES[record]: stored[record] for record in stored if stored[record] != before.get(record)}
        written = np.frombuffer(step.states, dtype).tolist()
        size = len(NAMES[0])
        named = [step.names[at : at + size] for at in range(0, len(step.names), size)]
        assert dict(zip(named, written, strict=True)) == changed
        assert step.unchanging == len(events) - len(changed)
        logs += step.rows.items()
        assert summed(logs) == cells(stored, dtype)


@pytest.mark.parametrize("dtype", STATES, ids=["crimes", "counts", "plain"])
@given(st.data())
def test_an_arrival_is_a_record_that_was_never_counted_before(dtype, data):
    first, second = data.draw(events_of(STATES[dtype])), data.draw(events_of(STATES[dtype]))
    stored = applied({}, first)
    after = applied(stored, second)
    arrivals = step_of(stored, second, dtype).arrivals
    for number, stream in enumerate(STREAMS):
        came = [after[each][2] for each in after if each not in stored and STREAM_OF[each] == number]
        assert (stream in arrivals) == bool(came)
        if came:
            late = Counter(lateness(day) for day in came if not day & MONTHLY)
            assert arrivals[stream].records == len(came)
            assert arrivals[stream].late == [late[n] for n in range(len(LATENESS_DAYS) + 1)]


@given(events_of(STATES[CRIME_STATE]))
def test_events_that_come_again_write_nothing(events):
    step = step_of(applied({}, events), events, CRIME_STATE)
    assert (step.names, step.states, step.rows, step.arrivals) == (b"", b"", {}, {})
    assert step.unchanging == len(events)


@given(events_of(STATES[COUNT_STATE]), st.integers(0, 12))
def test_a_batch_in_two_comes_to_the_same(events, cut):
    whole = step_of({}, events, COUNT_STATE)
    stored = applied({}, events[:cut])
    parts = [step_of({}, events[:cut], COUNT_STATE)] if events[:cut] else []
    parts += [step_of(stored, events[cut:], COUNT_STATE)] if events[cut:] else []
    assert summed([log for part in parts for log in part.rows.items()]) == summed(whole.rows.items())


def test_the_last_day_of_an_arrival_known_by_its_month_is_the_months_last():
    state = (1, 0, day_number("2016-02"), 3)
    (arrived,) = step_of({}, [(0, state)], PLAIN_STATE).arrivals.values()
    assert day_of(arrived.last_day) == date(2016, 2, 29)
    assert arrived.late == [0] * (len(LATENESS_DAYS) + 1)


def test_of_posted_figures_the_text_of_the_highest_revision_is_kept():
    revisions = [(0, 1), (1, 5), (0, 3), (0, 2), (1, 5), (3, 1)]
    batch = Batch(
        b"".join(NAMES[record] for record, _ in revisions),
        np.array([(revision,) for _, revision in revisions], BARE_STATE),
        np.array([STREAM_OF[record] for record, _ in revisions]),
        STREAMS,
        [(f"figure-{record}", f"text {place}") for place, (record, _) in enumerate(revisions)],
    )
    stored = np.array([(0,), (0,), (0,), (0,), (0,), (1,)], BARE_STATE)
    step = work_out(batch, stored, TODAY)
    assert step.values == {"values:a/one": ["figure-1", "text 1", "figure-0", "text 2"]}
    assert np.frombuffer(step.states, BARE_STATE)["revision"].tolist() == [5, 3]
    assert (step.rows, step.arrivals, step.unchanging) == ({}, {}, 4)
