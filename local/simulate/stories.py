"""What becomes of a record after it was first posted. Pure.

A story is the record's versions, each with the seconds after which it is posted: posted twice, revised late,
reclassified, dealt with, cancelled, or overtaken by its own successor. Versions of one revision are always alike:
which of two different ones arrives first is nobody's to say.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import msgspec

from local.simulate import calls, crimes
from local.simulate.records import Record
from shared.events import Call, Crime, Stop

Story = list[tuple[timedelta, Record]]
_MEAN_SECONDS_TO_REVISION = 1800.0
_revised = msgspec.structs.replace


def story(random: Random, first: Record) -> Story:
    """The versions of a record in the order of their revisions; their delays may put them in another."""
    versions = [first]
    for change in _changes(random, first):
        versions.append(change(random, versions[-1]))
    told = _told(random, versions)
    return told + _repeated(random, told)


def _told(random: Random, versions: list[Record]) -> Story:
    delays, passed = [0.0], 0.0
    for _ in versions[1:]:
        passed += random.expovariate(1 / _MEAN_SECONDS_TO_REVISION)
        delays.append(passed)
    if len(versions) > 1 and random.random() < 0.15:
        delays.reverse()  # the stale version comes last
    return [(timedelta(seconds=delay), version) for delay, version in zip(delays, versions, strict=True)]


def _repeated(random: Random, told: Story) -> Story:
    if random.random() > 0.03:
        return []
    delay, version = random.choice(told)
    return [(delay + timedelta(seconds=random.uniform(0, 120)), version)]


Change = Callable[[Random, Record], Record]


def _changes(random: Random, first: Record) -> list[Change]:
    match first:
        case Crime():
            likely: list[tuple[float, Change]] = [
                (0.05, _correct),
                (0.04, _reclassify),
                (0.6, _deal_with),
                (0.015, _cancel),
            ]
        case Call():
            likely = [(0.03, _refile)] + ([(1.0, _respond)] if calls.is_attended(random, first) else [])
        case Stop():
            likely = [(0.03, _correct_outcome)]
    return [change for chance, change in likely if random.random() < chance]


def _correct(random: Random, record: Record) -> Record:
    """A flag is found out about later, or taken back."""
    assert isinstance(record, Crime)
    flags = record.flags[1:] if record.flags else ("domestic-abuse" if random.random() < 0.6 else "knife-crime",)
    return _revised(record, revision=record.revision + 1, flags=flags)


def _reclassify(_random: Random, record: Record) -> Record:
    assert isinstance(record, Crime)
    offence = crimes.CLOSE_OFFENCES.get(record.offence, "other-theft")
    return _revised(record, revision=record.revision + 1, offence=offence)


def _deal_with(random: Random, record: Record) -> Record:
    assert isinstance(record, Crime)
    return _revised(record, revision=record.revision + 1, outcome=crimes.outcome(random, record))


def _cancel(_random: Random, record: Record) -> Record:
    assert isinstance(record, Crime)
    return _revised(record, revision=record.revision + 1, status="cancelled")


def _refile(_random: Random, record: Record) -> Record:
    """A call turns out to have been filed under the wrong line."""
    assert isinstance(record, Call)
    return _revised(record, revision=record.revision + 1, line=101 if record.line == 999 else 999)


def _respond(random: Random, record: Record) -> Record:
    """Somebody arrived."""
    assert isinstance(record, Call)
    seconds = calls.seconds_to_attend(random, record)
    return _revised(record, revision=record.revision + 1, response_seconds=seconds)


def _correct_outcome(_random: Random, record: Record) -> Record:
    assert isinstance(record, Stop)
    return _revised(record, revision=record.revision + 1, outcome="arrested", linked=True)
