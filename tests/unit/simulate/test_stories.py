from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec

from local.simulate.stories import story
from services.ingest.acceptance import judge
from shared.events import topics
from shared.reference import reference

AT = datetime(2024, 7, 9, 11, 0, tzinfo=UTC)
TOPICS = {"crimes": topics.CRIMES, "calls": topics.CALLS, "stops": topics.STOPS}


def stories_of(records, kind, number):
    random = Random(5)
    return [story(random, records.make(kind, random, n, AT)) for n in range(number)]


def test_every_version_is_accepted_by_ingest(records):
    encode = msgspec.json.encode
    items = [
        (topic, encode(version))
        for kind, topic in TOPICS.items()
        for told in stories_of(records, kind, 2000)
        for _, version in told
    ]
    verdict = judge(items, reference(), date(2024, 7, 9))
    assert verdict.rejected == []
    assert len(verdict.accepted) == len(items)


def test_versions_of_one_revision_are_alike(records):
    for kind in TOPICS:
        for told in stories_of(records, kind, 2000):
            by_revision = defaultdict(set)
            for _, version in told:
                by_revision[version.revision].add(msgspec.json.encode(version))
            assert all(len(different) == 1 for different in by_revision.values())


def test_everything_that_goes_wrong_with_crimes_happens(records):
    told = stories_of(records, "crimes", 5000)
    seen = Counter()
    for versions in told:
        crimes = [crime for _, crime in versions]
        arrived = [crime.revision for _, crime in sorted(versions, key=lambda each: each[0])]
        seen["twice"] += len({crime.revision for crime in crimes}) < len(crimes)
        seen["out of order"] += arrived != sorted(arrived)
        seen["reclassified"] += len({crime.offence for crime in crimes}) > 1
        seen["flags revised"] += len({crime.flags for crime in crimes}) > 1
        detected = [bool(crime.outcome) and reference().outcomes.get(crime.outcome.type).detected for crime in crimes]
        seen["detected"] += any(detected)
        seen["cancelled"] += any(crime.status == "cancelled" for crime in crimes)
    rare = {name: count for name, count in seen.items() if not 20 < count < 1500}
    assert len(seen) == 6
    assert rare == {}


def test_the_first_version_of_an_untroubled_record_is_its_whole_story(records):
    assert sum(len(told) == 1 and told[0][0] == timedelta(0) for told in stories_of(records, "crimes", 1000)) > 250


def test_officers_come_to_calls_by_their_grade_and_to_none_that_is_referred(records):
    attended, graded = Counter(), Counter()
    for versions in stories_of(records, "calls", 5000):
        last = max((call for _, call in versions), key=lambda call: call.revision)
        graded[last.grade] += 1
        attended[last.grade] += last.response_seconds is not None
    assert attended["R"] == attended[None] == 0
    assert attended["I"] / graded["I"] > attended["S"] / graded["S"] > attended["E"] / graded["E"] > 0.3
