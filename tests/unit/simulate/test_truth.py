import msgspec
import pytest

from local.simulate.definitions import RATES
from local.simulate.truth import LONDON_ID, MEASURES, Truth
from shared.events import Call, Crime, Outcome, Stop, Victim
from shared.reference import reference

CRIME = Crime(
    crime_id="1",
    status="recorded",
    recorded_on="2024-07-09",
    area="E09000007",
    offence="robbery-of-personal-property",
    flags=("knife-injury",),
)
revised = msgspec.structs.replace


def counts_of(*records):
    truth = Truth()
    for versions in records:
        truth.add(versions)
    return {measure: areas for measure, areas in truth.counts().items() if areas}


def test_a_crime_counts_in_every_measure_that_it_falls_in_in_its_area_and_in_london():
    once = {"E09000007": 1, LONDON_ID: 1}
    assert counts_of([CRIME]) == {
        "total-notifiable-offences": once,
        "total-robbery": once,
        "knife-crime": once,
        "high-harm-crime": once,
    }


def test_the_highest_revision_counts_whatever_the_order_and_however_often():
    moved = revised(CRIME, revision=2, area="unknown", offence="domestic-burglary", flags=())
    for versions in ([CRIME, moved, moved], [moved, CRIME, CRIME]):
        assert counts_of(versions) == {
            measure: {"unknown": 1, LONDON_ID: 1} for measure in ("total-notifiable-offences", "total-burglary")
        }


def test_a_cancelled_crime_and_one_that_is_not_notifiable_do_not_count():
    fraud = revised(CRIME, offence="nfib-fraud", flags=())
    assert counts_of([CRIME, revised(CRIME, revision=2, status="cancelled")], [fraud]) == {}


def test_the_victims_of_a_crime_count_one_by_one_and_the_crime_once():
    victims = (Victim(age=17), Victim(age=24), Victim(age=25), Victim())
    counted = counts_of([revised(CRIME, victims=victims)])
    assert counted["knife-injury-victims-under-25"][LONDON_ID] == 2
    assert counted["gang-violence-proxy"][LONDON_ID] == 1


@pytest.mark.parametrize(
    ("flags", "age", "counted"),
    [
        (("knife-injury",), 24, True),
        (("firearm-discharged",), 10, True),
        (("knife-injury",), 25, False),
        (("knife-injury",), None, False),
        (("knife-crime",), 17, False),
        (("knife-injury", "domestic-abuse"), 17, False),
    ],
)
def test_the_proxy_of_gang_violence_is_a_young_victim_a_knife_or_a_shot_and_no_domestic_abuse(flags, age, counted):
    crime = revised(CRIME, flags=flags, victims=(Victim(age=age),))
    assert ("gang-violence-proxy" in counts_of([crime])) is counted


def test_a_crime_that_is_of_high_harm_in_three_ways_counts_once():
    crime = revised(CRIME, offence="rape", flags=("antisemitic-hate", "transgender-hate", "domestic-abuse"))
    counted = {measure: areas[LONDON_ID] for measure, areas in counts_of([crime]).items()}
    assert counted == {
        "total-notifiable-offences": 1,
        "domestic-abuse": 1,
        "racist-and-religious-hate-crime": 1,
        "hate-crime": 1,
        "high-harm-crime": 1,
    }


def call(**fields):
    given = {"call_id": "1", "received_at": "2024-07-09T12:00:00Z", "category": "noise", "area": "E09000007"}
    return msgspec.convert({**given, "line": 101, "kind": "asb", **fields}, Call)


def stop(**fields):
    given = {"stop_id": "1", "stopped_at": "2024-07-09T12:00:00Z", "area": "unknown", "object": "drugs"}
    return msgspec.convert({**given, "power": "pace-section-1", "outcome": "arrested", **fields}, Stop)


def in_london(*records):
    return {measure: areas[LONDON_ID] for measure, areas in counts_of(*([each] for each in records)).items()}


def test_calls_count_by_line_kind_and_type_of_anti_social_behaviour():
    calls = [
        call(line=999, kind="crime", category="robbery"),
        call(),
        call(category="hate-incident"),
        call(category="vehicle-abandoned-not-stolen"),
    ]
    assert in_london(*calls) == {
        "calls-999": 1,
        "calls-101": 3,
        "asb-calls": 3,
        "asb-calls-nuisance": 1,
        "asb-calls-personal": 1,
        "asb-calls-environmental": 1,
    }


def test_a_call_that_is_answered_after_exactly_ten_seconds_is_answered_within_ten():
    calls = [call(line=999, kind="other", category="other", answer_seconds=seconds) for seconds in (3, 10, 10.1, None)]
    assert in_london(*calls)["calls-999-answered-within-10-seconds"] == 2


def test_stops_count_by_ethnicity_as_the_officer_saw_it_by_section_60_and_by_handcuffs():
    stops = [
        stop(ethnicity_officer="Black", ethnicity_self="White - White Irish (W2)", handcuffed=True),
        stop(section_60=True, handcuffed=False),
    ]
    assert in_london(*stops) == {
        "stops-and-searches": 2,
        "stops-ethnicity-black": 1,
        "stops-section-60": 1,
        "stops-handcuffed": 1,
        "stops-known-handcuffed-or-not": 2,
    }


def test_a_rate_is_a_percentage_of_what_there_is():
    truth = Truth()
    for number, outcome in enumerate(("charged", "cautioned", "no-suspect-identified", None)):
        became = Outcome(type=outcome, on="2024-07-09") if outcome else None
        truth.add([revised(CRIME, crime_id=str(number), outcome=became)])
    assert truth.rates()["sanction-detection-rate"] == {"E09000007": 50, LONDON_ID: 50}


def test_every_measure_of_the_truth_is_one_that_the_project_publishes():
    assert set(MEASURES) | set(RATES) <= {measure.id for measure in reference().measures}
