import msgspec

from local.simulate.truth import LONDON_ID, MEASURES, Truth
from shared.events import Call, Crime, Stop
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
    assert counts_of([CRIME]) == {"total-notifiable-offences": once, "total-robbery": once, "knife-crime": once}


def test_the_highest_revision_counts_whatever_the_order_and_however_often():
    moved = revised(CRIME, revision=2, area="unknown", offence="domestic-burglary", flags=())
    for versions in ([CRIME, moved, moved], [moved, CRIME, CRIME]):
        assert counts_of(versions) == {
            measure: {"unknown": 1, LONDON_ID: 1} for measure in ("total-notifiable-offences", "total-burglary")
        }


def test_a_cancelled_crime_and_one_that_is_not_notifiable_do_not_count():
    fraud = revised(CRIME, offence="nfib-fraud", flags=())
    assert counts_of([CRIME, revised(CRIME, revision=2, status="cancelled")], [fraud]) == {}


def test_calls_count_by_line_and_stops_count():
    call = {"call_id": "1", "received_at": "2024-07-09T12:00:00Z", "category": "noise", "area": "E09000007"}
    calls = [
        msgspec.convert({**call, "line": line, "kind": kind}, Call) for line, kind in ((999, "crime"), (101, "asb"))
    ]
    stop = {"stop_id": "1", "stopped_at": "2024-07-09T12:00:00Z", "area": "unknown"}
    stop |= {"power": "pace-section-1", "object": "drugs", "outcome": "arrested"}
    counts = counts_of(*([call] for call in calls), [msgspec.convert(stop, Stop)])
    assert {measure: areas[LONDON_ID] for measure, areas in counts.items()} == {
        "calls-999": 1,
        "calls-101": 1,
        "asb-calls": 1,
        "stops-and-searches": 1,
    }


def test_every_measure_of_the_truth_is_one_that_the_project_publishes():
    assert set(MEASURES) <= {measure.id for measure in reference().measures}
