"""A profile read back: the tags, weights and durations of the record that it describes. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from services.metrics.facts.terms import YES_NO, Indexed
from services.metrics.profiles import CALL, CRIME, STOP, unpack
from shared.reference import Reference
from shared.reference.measures import RecordKind
from shared.reference.seconds import EDGES
from shared.reference.tags import (
    ANSWERED_WITHIN,
    ATTENDED_WITHIN,
    FLAGGED,
    GRADES,
    RECORD,
    Aspect,
    age_tag,
    category_tags,
    ethnicity_tag,
    filled_tag,
    flag_tag,
    grade_tag,
    line_tag,
    object_tag,
    offence_tags,
    outcome_tags,
    power_tag,
    self_ethnicity_tag,
    sex_tag,
    stop_outcome_tags,
)

_YES = YES_NO[True]
_TIMES: Mapping[int, Literal["answer", "response"]] = {1: "answer", 2: "response"}


class Facets(NamedTuple):
    """What a measure can ask of a record: its tags, what it may be weighted by, and the buckets of its durations.

    `aspect` says what of the record the fact is.
    """

    tags: frozenset[str]
    weights: Mapping[str, int]
    buckets: Mapping[str, int]
    aspect: Aspect = "recorded"


def reader_of(reference: Reference, kind: RecordKind) -> Callable[[int], Facets]:
    """What reads the profiles of that kind of record."""
    return {"crime": _crimes, "call": _calls, "stop": _stops}[kind](reference)


def _crimes(reference: Reference) -> Callable[[int], Facets]:
    offences = {each.index: frozenset(offence_tags(each)) for each in reference.offences}
    flags = {each.index: flag_tag(each.id) for each in reference.flags}
    outcomes = {each.index: frozenset(outcome_tags(each)) for each in reference.outcomes}

    def read(profile: int) -> Facets:
        known = unpack(CRIME, profile)
        tags = {RECORD, *offences[known["offence"]]}
        tags |= {tag for index, tag in flags.items() if known["flags"] >> index & 1}
        tags |= _carried({FLAGGED: known["flags"], "victim": known["victims"], "victim-under-25": known["under_25"]})
        tags |= _filled({f"victim-{name}": known[name] for name in ("age", "sex", "ethnicity")})
        tags |= _filled({"outcome": known["outcome"]})
        weights = {"records": 1, "victims": known["victims"], "victims-under-25": known["under_25"]}
        if known["dated_outcome"]:
            return Facets(frozenset(tags | outcomes[known["outcome"]]), weights, {}, "outcome")
        return Facets(frozenset(tags), weights, {})

    return read


def _calls(reference: Reference) -> Callable[[int], Facets]:
    categories = {each.index: frozenset(category_tags(each)) for each in reference.call_categories}

    def read(profile: int) -> Facets:
        known = unpack(CALL, profile)
        tags = {RECORD, line_tag(101 if known["line_101"] else 999)}
        tags |= {grade_tag(GRADES[known["grade"] - 1])} if known["grade"] else set()
        tags |= _carried({"abandoned": known["abandoned"]})
        if known["aspect"]:
            return _served(tags, _TIMES[known["aspect"]], known["bucket"])
        tags |= categories[known["category"]] | _carried({"repeat-caller": known["repeat"] == _YES})
        tags |= _filled({"grade": known["grade"], "repeat-caller": known["repeat"]})
        tags |= _filled({"answer-seconds": known["answered"], "response-seconds": known["attended"]})
        return Facets(frozenset(tags), {"records": 1}, {})

    return read


def _served(tags: set[str], aspect: Literal["answer", "response"], bucket: int) -> Facets:
    prefix = ANSWERED_WITHIN if aspect == "answer" else ATTENDED_WITHIN
    within = {f"{prefix}:{edge}" for edge in EDGES[bucket:]}
    return Facets(frozenset(tags | within), {"records": 1}, {f"{aspect}-seconds": bucket}, aspect)


def _stops(reference: Reference) -> Callable[[int], Facets]:
    powers, objects = _ids(reference.stop_powers), _ids(reference.stop_objects)
    outcomes = {each.index: frozenset(stop_outcome_tags(each)) for each in reference.stop_outcomes}
    ethnicities, ages, sexes = _ids(reference.ethnicities), _ids(reference.age_bands), _ids(reference.sexes)

    def read(profile: int) -> Facets:
        known = unpack(STOP, profile)
        officer, self_defined = ethnicities[known["officer"]], ethnicities[known["self"]]
        tags = {RECORD, "stop", *outcomes[known["outcome"]]}
        tags |= {power_tag(powers[known["power"]]), object_tag(objects[known["object"]])}
        tags |= {ethnicity_tag(officer), self_ethnicity_tag(self_defined)}
        tags |= {age_tag(ages[known["age"]]), sex_tag(sexes[known["sex"]])}
        tags |= _carried({"section-60": known["section_60"], "linked": known["linked"] == _YES})
        tags |= _carried({"handcuffed": known["handcuffed"] == _YES})
        tags |= _filled({name: known[name] for name in ("handcuffed", "linked", "age", "sex")})
        tags |= _filled({"ethnicity-officer": known["officer"], "ethnicity-self": known["self"]})
        return Facets(frozenset(tags), {"records": 1}, {})

    return read


def _ids(vocabulary: Iterable[Indexed]) -> dict[int, str]:
    return {each.index: each.id for each in vocabulary}


def _carried(marks: Mapping[str, object]) -> set[str]:
    return {tag for tag, carried in marks.items() if carried}


def _filled(given: Mapping[str, object]) -> set[str]:
    return {filled_tag(field) for field, value in given.items() if value}
