"""The tags that a record can carry: the words in which measures are declared."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.reference.measures import RecordKind
from shared.reference.terms import CallCategory, Flag, Offence, Outcome, StopObject, StopOutcome, StopPower
from shared.reference.vocabulary import Vocabulary

if TYPE_CHECKING:  # which is loaded with these tags
    from shared.reference.loading import Reference

GRADES = ("I", "S", "E", "R")


def offence_tags(offence: Offence) -> set[str]:
    tags = {f"offence:{offence.id}", f"group:{offence.group}"}
    return tags | {"notifiable"} if offence.notifiable else tags


def flag_tag(flag: str) -> str:
    return f"flag:{flag}"


def category_tags(category: CallCategory) -> set[str]:
    tags = {f"category:{category.id}", f"kind:{category.kind}"}
    return tags | {f"asb:{category.asb_type}"} if category.asb_type else tags


def stop_outcome_tags(outcome: StopOutcome) -> set[str]:
    marks = {"arrest": outcome.arrest, "positive": outcome.positive}
    return {f"outcome:{outcome.id}"} | {mark for mark, carried in marks.items() if carried}


def outcome_tags(outcome: Outcome) -> set[str]:
    marks = {"detected": outcome.detected, "positive": outcome.positive}
    return {mark for mark, carried in marks.items() if carried}


def carried_tags(reference: "Reference", kind: RecordKind) -> list[tuple[str, list[str]]]:
    """Which tags each term gives to the records of that kind: (term id, tags), in the files' order."""
    match kind:
        case "crime":
            found = [(each.id, offence_tags(each)) for each in reference.offences]
            found += [(each.id, outcome_tags(each)) for each in reference.outcomes]
        case "call":
            found = [(each.id, category_tags(each)) for each in reference.call_categories]
        case "stop":
            found = [(each.id, stop_outcome_tags(each)) for each in reference.stop_outcomes]
    return [(term, sorted(tags)) for term, tags in found]


def possible_tags(
    offences: Vocabulary[Offence],
    flags: Vocabulary[Flag],
    categories: Vocabulary[CallCategory],
    stop_outcomes: Vocabulary[StopOutcome],
    stop_powers: Vocabulary[StopPower],
    stop_objects: Vocabulary[StopObject],
) -> Mapping[RecordKind, frozenset[str]]:
    """Every tag that some record of each kind can carry."""
    crime = {tag for offence in offences for tag in offence_tags(offence)} | {flag_tag(flag.id) for flag in flags}
    call = {tag for category in categories for tag in category_tags(category)}
    call |= {"line:999", "line:101", "abandoned", "repeat-caller", *(f"grade:{grade}" for grade in GRADES)}
    stop = {tag for outcome in stop_outcomes for tag in stop_outcome_tags(outcome)}
    stop |= {f"power:{power.id}" for power in stop_powers} | {f"object:{each.id}" for each in stop_objects}
    return {
        "crime": frozenset(crime | {"detected", "positive"}),
        "call": frozenset(call),
        "stop": frozenset(stop | {"stop", "section-60"}),
    }
