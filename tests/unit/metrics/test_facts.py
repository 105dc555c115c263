"""What a record contributes: read off a batch of events, and back from the facts through the measures."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.cubes import matrix_of
from services.metrics.facts import Facts, Unfit
from services.metrics.layout import BUCKETS, Layout
from services.metrics.profiles import CALL, CRIME, STOP, pack, unpack
from services.metrics.rows import MONTHLY, day_number, day_of, facts_of, last_days, month_of, number_of
from shared.events import Call, Crime, CrimeCount, Outcome, Stop, Undecodable, record_message, topics
from shared.events.records import Victim
from shared.reference import reference
from shared.reference.seconds import bucket_of

KNOWN = reference()
TOPICS = {Crime: topics.CRIMES, CrimeCount: topics.CRIME_COUNTS, Call: topics.CALLS, Stop: topics.STOPS}
KINDS = {Crime: "crime", CrimeCount: "crime", Call: "call", Stop: "stop"}
READERS = {made: Facts(KNOWN, topic) for made, topic in TOPICS.items()}
LAYOUTS = {kind: Layout(KNOWN, kind) for kind in ("crime", "call", "stop")}
ASKED = {
    *("total-notifiable-offences", "violence-against-the-person", "total-robbery", "total-burglary", "theft-person"),
    *("theft-taking-of-mv", "theft-from-mv", "knife-crime", "gun-crime", "domestic-abuse", "total-sexual-offences"),
    *("racist-and-religious-hate-crime", "disability-hate-crime", "non-domestic-abuse-violence-with-injury"),
    *("robbery-and-theft-person", "sanction-detections", "calls-999", "asb-calls"),
    *("stops-and-searches", "stop-and-search-arrests"),
}
OF_NO_AGE = b'{"recorded_on":"2017-06","area":"unknown","offence":"arson","status":"recorded","victims":[{"age":[]}]}'
LOCAL = {"total-notifiable-offences"}


def crime(offence, *flags, **fields):
    known = {"crime_id": "c", "status": "recorded", "recorded_on": "2017-06-30", "area": "E09000007"}
    return Crime(offence=offence, flags=flags, **(known | fields))


def read(record):
    return READERS[type(record)].of([record_message(record, "tests").value])[0]


def counted(record):
    """Of each fact of a record: its day (the month alone: its first), records, and by measure asked how much."""
    layout = LAYOUTS[KINDS[type(record)]]
    rows, _, months = facts_of(read(record), np.zeros(1, np.int64), 1)
    found = []
    for row, month in zip(rows, months.tolist(), strict=True):
        cells = matrix_of(layout, np.array([row]))[layout.region]
        counts = {name: int(cells[column]) for name, column in layout.places.items() if name in ASKED and cells[column]}
        day = int(row["day"])
        found.append((month_of(month).replace(day=max(day, 1)), not day, int(row["records"]), counts))
    return found


@pytest.mark.parametrize(
    ("offence", "flags", "measures"),
    [
        (
            "violence-with-injury",
            ["domestic-abuse", "knife-injury", "knife-crime"],
            LOCAL | {"violence-against-the-person", "domestic-abuse", "knife-crime"},
        ),
        (
            "violence-with-injury",
            [],
            LOCAL | {"violence-against-the-person", "non-domestic-abuse-violence-with-injury"},
        ),
        (
            "criminal-damage",
            ["racist-and-religious-hate", "disability-hate"],
            LOCAL | {"racist-and-religious-hate-crime", "disability-hate-crime"},
        ),
        ("theft-or-unauth-taking-of-a-motor-veh", [], LOCAL | {"theft-taking-of-mv"}),
        ("aggravated-vehicle-taking", [], LOCAL | {"theft-taking-of-mv"}),
        ("theft-from-a-vehicle", [], LOCAL | {"theft-from-mv"}),
        ("interfering-with-a-motor-vehicle", [], LOCAL),
        ("theft-from-the-person", ["gun-crime"], LOCAL | {"theft-person", "robbery-and-theft-person", "gun-crime"}),
        ("robbery-of-business-property", [], LOCAL | {"total-robbery", "robbery-and-theft-person"}),
        ("residential-burglary-of-unconnected-building", [], LOCAL | {"total-burglary"}),
        ("fraud-and-forgery", [], LOCAL),
        ("nfib-fraud", [], set()),
        ("common-assault", [], LOCAL | {"violence-against-the-person"}),
        ("rape", ["domestic-abuse"], LOCAL | {"total-sexual-offences", "domestic-abuse"}),
    ],
)
def test_a_crime_counts_once_in_every_category_that_it_falls_in(offence, flags, measures):
    assert counted(crime(offence, *flags)) == [(date(2017, 6, 30), False, 1, dict.fromkeys(measures, 1))]
    count = CrimeCount(area="E09000007", offence=offence, flags=tuple(flags), month="2017-06", count=7)
    assert counted(count) == [(date(2017, 6, 1), True, 1, dict.fromkeys(measures, 7))]


def test_a_cancelled_crime_is_known_and_counts_nowhere_not_even_its_detection():
    no_crime = crime("rape", status="cancelled", outcome=Outcome(type="charged", on="2017-07-01"))
    assert counted(no_crime) == [(date(2017, 6, 30), False, 1, {}), (date(2017, 7, 1), False, 1, {})]


def test_a_detection_counts_on_the_day_of_the_outcome():
    recorded, detected = counted(crime("arson", outcome=Outcome(type="charged", on="2017-08-02")))
    assert recorded == (date(2017, 6, 30), False, 1, dict.fromkeys(LOCAL, 1))
    assert detected == (date(2017, 8, 2), False, 1, {"sanction-detections": 1})


@pytest.mark.parametrize("outcome", ["community-resolution", "no-suspect-identified"])
def test_an_outcome_that_is_no_sanction_is_no_detection(outcome):
    _, decided = counted(crime("arson", outcome=Outcome(type=outcome, on="2017-08-02")))
    assert decided[3] == {}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2017, 6, 30, 22, 59, tzinfo=UTC), date(2017, 6, 30)),
        (datetime(2017, 6, 30, 23, 0, tzinfo=UTC), date(2017, 7, 1)),  # midnight in London's summer
        (datetime(2017, 1, 31, 23, 59, tzinfo=UTC), date(2017, 1, 31)),
    ],
)
def test_a_call_and_a_stop_count_on_londons_day(moment, day):
    call = Call(
        call_id="1", received_at=moment, line="999", kind="asb", category="anti-social-behaviour", area="E09000007"
    )
    stop = Stop(
        stop_id="1",
        stopped_at=moment,
        area="E09000007",
        power="terrorism-section-43",
        object="drugs",
        outcome="arrested",
    )
    assert counted(call) == [(day, False, 1, {"calls-999": 1, "asb-calls": 1})]
    assert counted(stop) == [(day, False, 1, {"stops-and-searches": 1, "stop-and-search-arrests": 1})]


def call(number, **fields):
    known = {"received_at": datetime(2017, 6, 30, 12, tzinfo=UTC), "kind": "crime", "category": "robbery"}
    return Call(call_id=str(number), area="E09000007", **(known | {"line": 999, "grade": "I"} | fields))


@settings(deadline=None)
@given(st.lists(st.floats(0, 100_000), min_size=1, max_size=60))
def test_how_soon_calls_were_served_is_told_to_the_bucket_and_targets_are_exact(seconds):
    layout = LAYOUTS["call"]
    calls = [call(number, answer_seconds=each, response_seconds=each) for number, each in enumerate(seconds)]
    states, _, _ = READERS[Call].of([record_message(each, "tests").value for each in calls])
    cells = matrix_of(layout, facts_of(states, np.zeros(len(states), np.int64), 1).rows)[layout.region]
    for measure, within in (
        ("calls-999-answered-within-10-seconds", 10),
        ("calls-grade-i-attended-within-15-minutes", 900),
    ):
        assert cells[layout.places[measure]] == sum(each <= within for each in seconds)
    for measure in ("calls-999-answer-median", "calls-grade-i-response-median"):
        buckets = cells[layout.histograms[measure]].tolist()
        assert buckets == [sum(bucket_of(each) == bucket for each in seconds) for bucket in range(BUCKETS)]
    counted_once = ("calls-999", "calls-grade-i", "calls-999-answered", "calls-grade-i-attended", "crime-calls")
    assert {int(cells[layout.places[name]]) for name in counted_once} == {len(seconds)}


def test_calls_have_a_handful_of_profiles_however_long_they_take():
    calls = [call(n, answer_seconds=n, response_seconds=7 * m) for n in range(40) for m in range(40)]
    states, _, _ = READERS[Call].of([record_message(each, "tests").value for each in calls])
    rows = facts_of(states, np.zeros(len(states), np.int64), 1).rows
    assert len(rows) == 3 * len(calls)
    assert len(set(rows["profile"].tolist())) <= 1 + 2 * 40


@pytest.mark.parametrize(
    ("victims", "told"),
    [
        (
            [Victim(age=17, sex="Male", ethnicity="W1")],
            {"victims": 1, "under_25": 1, "age": 1, "sex": 1, "ethnicity": 1},
        ),
        ([Victim(age="18-24"), Victim(age=25)], {"victims": 2, "under_25": 1, "age": 1, "sex": 0, "ethnicity": 0}),
        ([Victim(age=24, ethnicity="N/A"), Victim(sex="f")], {"victims": 2, "under_25": 1, "age": 0, "ethnicity": 0}),
        ([], {"victims": 0, "under_25": 0, "age": 0}),
    ],
    ids=str,
)
def test_victims_are_counted_and_a_field_is_filled_if_every_victim_has_it(victims, told):
    (state,) = read(crime("arson", victims=tuple(victims)))
    found = unpack(CRIME, int(state["profile"]))
    assert {name: found[name] for name in told} == told


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (crime("jaywalking"), "jaywalking"),
        (crime("arson", "tartan"), "tartan"),
        (crime("arson", area="Camden"), "Camden"),
        (crime("arson", outcome=Outcome(type="promoted", on="2017-08-02")), "promoted"),
        (crime("arson", recorded_on="30/06/2017"), "30/06/2017"),
        (crime("arson", recorded_on="1989-12-31"), "1989-12-31"),
        (crime("arson", recorded_on="2079-01"), "2079-01"),
        (crime("arson", outcome=Outcome(type="charged", on="2200-01-01")), "2200-01-01"),
    ],
    ids=str,
)
def test_a_record_that_cannot_be_counted_is_unfit_and_the_reason_names_the_term(record, told):
    with pytest.raises(Unfit, match=told):
        read(record)


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"{},{}", b'{"revision": 0}', b"\xff", OF_NO_AGE], ids=str)
def test_what_is_not_an_event_is_undecodable(value):
    with pytest.raises(Undecodable):
        READERS[Crime].of([value])


crimes = st.builds(
    crime,
    st.sampled_from(["rape", "arson", "common-assault"]),
    recorded_on=st.sampled_from(["2017-06", "2017-06-30", "2020-02-29"]),
    area=st.sampled_from(["E09000007", "unknown"]),
    revision=st.integers(1, 2**63 - 1),
    status=st.sampled_from(["recorded", "cancelled"]),
    victims=st.lists(st.builds(Victim, age=st.none() | st.integers(0, 130)), max_size=3).map(tuple),
    outcome=st.none() | st.just(Outcome(type="charged", on="2017-08-02")),
    dataset=st.sampled_from(["one", "two"]),
)


@given(st.lists(crimes, min_size=1, max_size=20))
def test_a_batch_is_read_as_its_events_are_one_by_one(batch):
    values = [record_message(each, "tests").value for each in batch]
    states, datasets, _ = READERS[Crime].of(values)
    assert states.tobytes() == b"".join(READERS[Crime].of([value])[0].tobytes() for value in values)
    assert datasets == [each.dataset for each in batch]


@pytest.mark.parametrize("layout", [CRIME, CALL, STOP], ids=["crime", "call", "stop"])
@settings(deadline=None)
@given(st.data())
def test_a_profile_is_read_as_it_was_packed(layout, data):
    values = {name: data.draw(st.integers(0, 2**field.bits - 1)) for name, field in layout.items()}
    assert unpack(layout, pack(layout, **values)) == values


def test_what_does_not_fit_into_a_profile_is_refused():
    with pytest.raises(ValueError, match="300 does not fit into 8 bits"):
        pack(CRIME, offence=300)


def test_every_indexed_term_fits_into_a_profile():
    fitting = {
        CRIME["offence"]: KNOWN.offences,
        CRIME["outcome"]: KNOWN.outcomes,
        CALL["category"]: KNOWN.call_categories,
        STOP["power"]: KNOWN.stop_powers,
        STOP["object"]: KNOWN.stop_objects,
        STOP["outcome"]: KNOWN.stop_outcomes,
        STOP["officer"]: KNOWN.ethnicities,
        STOP["age"]: KNOWN.age_bands,
        STOP["sex"]: KNOWN.sexes,
    }
    for field, terms in fitting.items():
        assert all(field.of(field.put(each.index)) == each.index for each in terms)
    assert max(each.index for each in KNOWN.flags) < CRIME["flags"].bits


@pytest.mark.parametrize("text", ["1990-01-01", "2016-02-29", "2078-12-31"])
def test_a_day_number_stands_for_its_day(text):
    assert day_of(day_number(text)) == date.fromisoformat(text)
    assert number_of(date.fromisoformat(text)) == day_number(text) > 0


def test_a_month_lasts_to_its_end_and_a_day_for_itself():
    numbers = np.array([day_number(text) for text in ("2016-02", "2016-02-03", "2016-12")], np.int64)
    last = [day_of(number) for number in last_days(numbers).tolist()]
    assert last == [date(2016, 2, 29), date(2016, 2, 3), date(2016, 12, 31)]


def test_a_months_number_is_its_first_days_with_a_mark():
    assert day_number("2016-02") == day_number("2016-02-01") | MONTHLY
    assert day_of(day_number("2016-02")) == date(2016, 2, 1)
