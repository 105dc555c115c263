from datetime import UTC, date, datetime

import pytest

from services.metrics.consumer import layouts
from services.metrics.facts import MONTHLY, Unfit, day_number, day_of, number_of
from shared.events import Call, Crime, CrimeCount, Outcome, Stop, topics

LOCAL = {"total-notifiable-offences"}


def crime(offence, *flags, **fields):
    known = {"crime_id": "c", "status": "recorded", "recorded_on": "2017-06-30", "area": "E09000007"}
    return Crime(offence=offence, flags=flags, **(known | fields))


@pytest.fixture
def counted(facts, known):
    """The contributions of a record: (day, only the month known, weight, measures' ids) of each."""
    by_type = {Crime: topics.CRIMES, CrimeCount: topics.CRIMES, Call: topics.CALLS, Stop: topics.STOPS}

    def read(record):
        names = list(layouts(known)[by_type[type(record)]].places)
        return [
            (day_of(day), bool(day & MONTHLY), weight, {names[place] for place in measures})
            for day, _area, weight, measures in facts.of(record)
        ]

    return read


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
        ("common-assault", [], LOCAL | {"violence-against-the-person", "common-assault"}),
        ("rape", ["domestic-abuse"], LOCAL | {"total-sexual-offences", "domestic-abuse"}),
    ],
)
def test_a_crime_counts_once_in_every_category_that_it_falls_in(counted, offence, flags, measures):
    assert counted(crime(offence, *flags)) == [(date(2017, 6, 30), False, 1, measures)]
    count = CrimeCount(area="E09000007", offence=offence, flags=tuple(flags), month="2017-06", count=7)
    assert counted(count) == [(date(2017, 6, 1), True, 7, measures)]


def test_a_cancelled_crime_counts_nowhere_not_even_its_detection(counted):
    assert counted(crime("rape", status="cancelled", outcome=Outcome(type="charged", on="2017-07-01"))) == []


def test_a_detection_counts_on_the_day_of_the_outcome(counted):
    recorded, detected = counted(crime("arson", outcome=Outcome(type="charged", on="2017-08-02")))
    assert recorded == (date(2017, 6, 30), False, 1, LOCAL)
    assert detected == (date(2017, 8, 2), False, 1, {"sanction-detections"})


@pytest.mark.parametrize("outcome", ["community-resolution", "no-suspect-identified"])
def test_an_outcome_that_is_no_sanction_is_no_detection(counted, outcome):
    assert len(counted(crime("arson", outcome=Outcome(type=outcome, on="2017-08-02")))) == 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2017, 6, 30, 22, 59, tzinfo=UTC), date(2017, 6, 30)),
        (datetime(2017, 6, 30, 23, 0, tzinfo=UTC), date(2017, 7, 1)),  # midnight in London's summer
        (datetime(2017, 1, 31, 23, 59, tzinfo=UTC), date(2017, 1, 31)),
    ],
)
def test_a_call_and_a_stop_count_on_londons_day(counted, moment, day):
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
    assert counted(call) == [(day, False, 1, {"calls-999", "asb-calls"})]
    assert counted(stop) == [(day, False, 1, {"stops-and-searches", "stop-and-search-arrests"})]


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
def test_a_record_that_cannot_be_counted_is_unfit_and_the_reason_names_the_term(facts, record, told):
    with pytest.raises(Unfit, match=told):
        facts.of(record)


@pytest.mark.parametrize("text", ["1990-01-01", "2016-02-29", "2078-12-31"])
def test_a_day_number_stands_for_its_day(text):
    assert day_of(day_number(text)) == date.fromisoformat(text)
    assert number_of(date.fromisoformat(text)) == day_number(text)


def test_a_months_number_is_its_first_days_with_a_mark():
    assert day_number("2016-02") == day_number("2016-02-01") | MONTHLY
    assert day_of(day_number("2016-02")) == date(2016, 2, 1)
