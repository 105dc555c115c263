"""What is known of simulated people, and what is not."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest

from shared.reference import people

AT = datetime(2024, 7, 9, 11, 0, tzinfo=UTC)


def made(records, kind, number):
    random = Random(9)
    return [records.make(kind, random, n, AT) for n in range(number)]


def share(of, holds):
    return sum(map(holds, of)) / len(of)


def test_half_of_the_victims_have_no_ethnicity_and_nearly_all_an_age(records):
    victims = [victim for crime in made(records, "crimes", 5000) for victim in crime.victims]
    assert share(victims, lambda v: v.ethnicity is None) == pytest.approx(0.5, abs=0.03)
    assert share(victims, lambda v: v.age is None) == pytest.approx(0.05, abs=0.02)


def test_victims_of_knives_are_young_and_victims_of_domestic_abuse_are_women(records):
    crimes = [crime for crime in made(records, "crimes", 20_000) if crime.victims]
    aged = [crime for crime in crimes if all(victim.age is not None for victim in crime.victims)]
    knifed = [crime for crime in aged if "knife-injury" in crime.flags and "domestic-abuse" not in crime.flags]
    abused = [crime for crime in crimes if "domestic-abuse" in crime.flags]
    assert share(knifed, lambda c: c.victims[0].age < 25) > 2 * share(aged, lambda c: c.victims[0].age < 25)
    assert share(abused, lambda c: c.victims[0].sex == "Female") > 0.6


def test_nobody_suffers_a_crime_that_has_no_victim(records):
    crimes = made(records, "crimes", 5000)
    assert not any(crime.victims for crime in crimes if crime.offence in {"possession-of-drugs", "shoplifting"})
    assert all(crime.victims for crime in crimes if crime.offence == "violence-with-injury")


def test_every_word_for_a_person_who_was_stopped_is_one_that_is_understood(records):
    for stop in made(records, "stops", 5000):
        assert (stop.age is None) == (people.age_band(stop.age) == "not-known")
        assert (stop.sex is None) == (people.sex(stop.sex) == "not-known")
        assert (stop.ethnicity_officer is None) == (people.ethnicity(stop.ethnicity_officer) == "not-known")
        unsaid = stop.ethnicity_self in {None, "Not Stated (NS)"}
        assert unsaid == (people.ethnicity(stop.ethnicity_self) == "not-known")


def test_stops_tell_of_handcuffs_of_links_and_of_section_60(records):
    stops = made(records, "stops", 5000)
    assert set(Counter(stop.handcuffed for stop in stops)) == {True, False, None}
    assert set(Counter(stop.linked for stop in stops)) == {True, False, None}
    assert not any(stop.linked for stop in stops if stop.outcome == "no-further-action")
    assert {stop.power for stop in stops if stop.section_60} == {"public-order-section-60"}


def test_a_call_that_was_abandoned_was_neither_answered_nor_graded(records):
    calls = made(records, "calls", 5000)
    assert share(calls, lambda c: c.abandoned) == pytest.approx(0.07, abs=0.02)
    for call in calls:
        assert call.abandoned == (call.grade is None)
        assert call.answer_seconds is None or not call.abandoned


def test_most_999_calls_are_answered_within_ten_seconds_and_few_101_calls(records):
    answered = [call for call in made(records, "calls", 5000) if call.answer_seconds is not None]
    by_line = {line: [call.answer_seconds for call in answered if call.line == line] for line in (999, 101)}
    assert share(by_line[999], lambda seconds: seconds <= 10) > 0.75
    assert share(by_line[101], lambda seconds: seconds <= 10) < 0.2
