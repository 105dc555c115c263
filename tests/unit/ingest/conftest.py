"""One right record of each kind, and a judge that stands on a day."""

from datetime import date

import msgspec
import pytest

from services.ingest.acceptance import judge
from shared.events import topics
from shared.reference import reference

TODAY = date(2017, 7, 10)
RIGHT = {
    topics.CRIMES: {
        "crime_id": "c1",
        "status": "recorded",
        "recorded_on": "2017-06-01",
        "area": "Camden",
        "offence": "Theft from the person",
    },
    topics.CALLS: {
        "call_id": "k1",
        "received_at": "2017-06-01T12:00:00+01:00",
        "line": 999,
        "kind": "crime",
        "category": "Robbery",
        "area": "Camden",
    },
    topics.STOPS: {
        "stop_id": "s1",
        "stopped_at": "2017-06-01T12:00:00Z",
        "area": "Camden",
        "power": "pace-section-1",
        "object": "Controlled drugs",
        "outcome": "Arrest",
    },
    topics.INDICATORS: {
        "indicator": "good-job",
        "area": "London",
        "period": "2016-17",
        "value": 67.5,
        "unit": "percent",
        "status": "final",
    },
    topics.CRIME_COUNTS: {"area": "Camden", "offence": "Robbery", "month": "2017-06", "count": 3},
}


@pytest.fixture
def decide():
    """The verdict on a right record of a topic with these fields changed; `...` leaves a field out."""

    def decide(topic, **changes):
        body = {name: value for name, value in (RIGHT[topic] | changes).items() if value is not ...}
        return judge([(topic, msgspec.json.encode(body))], reference(), TODAY)

    return decide


@pytest.fixture
def accept(decide):
    """The record as accepted."""

    def accept(topic, **changes):
        verdict = decide(topic, **changes)
        assert not verdict.rejected, verdict.rejected
        return verdict.accepted[0]

    return accept


@pytest.fixture
def errors(decide):
    """Everything that is wrong, as it is answered."""

    def errors(topic, **changes):
        verdict = decide(topic, **changes)
        assert not verdict.accepted, verdict.accepted
        (rejected,) = verdict.rejected
        return msgspec.json.decode(msgspec.json.encode(rejected.errors))

    return errors


@pytest.fixture
def refuse(errors):
    """What is wrong: field -> message."""

    def refuse(topic, **changes):
        return {error["field"]: error["message"] for error in errors(topic, **changes)}

    return refuse
