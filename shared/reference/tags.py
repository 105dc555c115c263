"""The tags that a record can carry: the words in which measures are declared."""

from collections.abc import Mapping
from itertools import chain
from typing import Literal, get_args

from shared.reference.measures import Measure, RecordKind
from shared.reference.seconds import EDGES, bucket_of
from shared.reference.terms import CallCategory, Offence, Outcome, StopOutcome
from shared.reference.vocabularies import Vocabularies

Aspect = Literal["recorded", "outcome", "answer", "response"]
GRADES = ("I", "S", "E", "R")
LINES = (999, 101)
RECORD = "record"
"""Carried by every record of every kind."""
FLAGGED = "flagged"
"""Carried by a crime with any flag."""
ANSWERED_WITHIN, ATTENDED_WITHIN = "answered-within", "attended-within"
FILLED: Mapping[RecordKind, tuple[str, ...]] = {
    "crime": ("victim-age", "victim-sex", "victim-ethnicity", "outcome"),
    "call": ("grade", "answer-seconds", "response-seconds", "repeat-caller"),
    "stop": ("linked", "age", "sex", "ethnicity-officer", "ethnicity-self", "handcuffed"),
}
"""Optional fields whose being given is a tag. A person's is given only if it says more than `not-known`."""
_MARKS: Mapping[RecordKind, tuple[str, ...]] = {
    "crime": (FLAGGED, "victim", "victim-under-25"),
    "call": ("abandoned", "repeat-caller"),
    "stop": ("stop", "section-60", "linked", "handcuffed"),
}


def offence_tags(offence: Offence) -> set[str]:
    tags = {f"offence:{offence.id}", f"group:{offence.group}"}
    return tags | {"notifiable"} if offence.notifiable else tags


def flag_tag(flag: str) -> str:
    return f"flag:{flag}"


def outcome_tags(outcome: Outcome) -> set[str]:
    """Carried by a crime on the day of its outcome, and not on the day recorded."""
    marks = {"detected": outcome.detected, "positive": outcome.positive}
    return {f"outcome:{outcome.id}"} | {mark for mark, carried in marks.items() if carried}


def category_tags(category: CallCategory) -> set[str]:
    tags = {f"category:{category.id}", f"kind:{category.kind}"}
    return tags | {f"asb:{category.asb_type}"} if category.asb_type else tags


def line_tag(line: int | str) -> str:
    return f"line:{line}"


def grade_tag(grade: str) -> str:
    return f"grade:{grade}"


def within_tags(prefix: str, seconds: float) -> set[str]:
    """One for every edge that a duration does not exceed; `prefix` is ANSWERED_WITHIN or ATTENDED_WITHIN."""
    return {f"{prefix}:{edge}" for edge in EDGES[bucket_of(seconds) :]}


def power_tag(power: str) -> str:
    return f"power:{power}"


def object_tag(searched_for: str) -> str:
    return f"object:{searched_for}"


def stop_outcome_tags(outcome: StopOutcome) -> set[str]:
    marks = {"arrest": outcome.arrest, "positive": outcome.positive}
    return {f"outcome:{outcome.id}"} | {mark for mark, carried in marks.items() if carried}


def ethnicity_tag(ethnicity: str) -> str:
    """As the officer saw it."""
    return f"ethnicity:{ethnicity}"


def self_ethnicity_tag(ethnicity: str) -> str:
    """As the person defined it."""
    return f"self-ethnicity:{ethnicity}"


def age_tag(band: str) -> str:
    return f"age:{band}"


def sex_tag(sex: str) -> str:
    return f"sex:{sex}"


def filled_tag(field: str) -> str:
    return f"filled:{field}"


def dated_by_outcome(tag: str) -> bool:
    """Whether crimes carry the tag on the day of their outcome alone."""
    return tag in {"detected", "positive"} or tag.startswith("outcome:")


def aspect_of(measure: Measure) -> Aspect:
    """Which facts of a record the measure counts: the record itself, its outcome, or how soon a call was served."""
    if measure.dated == "outcome":
        return "outcome"
    prefixes = {measure.value, *(tag.partition(":")[0] for tag in measure.tags)}
    if prefixes & {ANSWERED_WITHIN, "answer-seconds"}:
        return "answer"
    return "response" if prefixes & {ATTENDED_WITHIN, "response-seconds"} else "recorded"


def told_with(aspect: Aspect, tag: str) -> bool:
    """Whether the facts of how soon a call was served carry the tag: each is told of with a few others alone."""
    within = {"answer": ANSWERED_WITHIN, "response": ATTENDED_WITHIN}[aspect]
    return tag in {RECORD, "abandoned"} or tag.partition(":")[0] in {"line", "grade", within}


def carried_tags(known: Vocabularies, kind: RecordKind) -> list[tuple[str, list[str]]]:
    """Which tags each term gives to the records of that kind: (term id, tags), in the files' order."""
    found: list[tuple[str, set[str]]]
    match kind:
        case "crime":
            found = [(each.id, offence_tags(each)) for each in known.offences]
            found += [(each.id, {flag_tag(each.id)}) for each in known.flags]
            found += [(each.id, outcome_tags(each)) for each in known.outcomes]
        case "call":
            found = [(each.id, category_tags(each)) for each in known.call_categories]
        case "stop":
            found = [(each.id, stop_outcome_tags(each)) for each in known.stop_outcomes]
            found += [(each.id, {power_tag(each.id)}) for each in known.stop_powers]
            found += [(each.id, {object_tag(each.id)}) for each in known.stop_objects]
            found += [(each.id, {ethnicity_tag(each.id), self_ethnicity_tag(each.id)}) for each in known.ethnicities]
            found += [(each.id, {age_tag(each.id)}) for each in known.age_bands]
            found += [(each.id, {sex_tag(each.id)}) for each in known.sexes]
    return [(term, sorted(tags)) for term, tags in found]


def possible_tags(known: Vocabularies) -> Mapping[RecordKind, frozenset[str]]:
    """Every tag that some record of each kind can carry."""
    times = {f"{prefix}:{edge}" for prefix in (ANSWERED_WITHIN, ATTENDED_WITHIN) for edge in EDGES}
    calls = {*map(line_tag, LINES), *map(grade_tag, GRADES), *times}
    kinds: tuple[RecordKind, ...] = get_args(RecordKind)
    return {kind: frozenset({RECORD, *_of(known, kind), *(calls if kind == "call" else ())}) for kind in kinds}


def _of(known: Vocabularies, kind: RecordKind) -> set[str]:
    terms = chain.from_iterable(tags for _, tags in carried_tags(known, kind))
    return {*terms, *_MARKS[kind], *map(filled_tag, FILLED[kind])}
