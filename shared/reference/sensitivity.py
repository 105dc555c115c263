"""Which measures are sensitive: those marked, and all from which the count of a marked one could be worked out.

A record carries a flag or not whatever else it is, so that no sum or difference of measures which ask about other
things tells its count. What asks about a sensitive flag, or is computed from such a measure, is sensitive with it.
"""

from collections.abc import Iterable

from shared.reference.measures import Measure
from shared.reference.tags import FLAGGED, flag_tag
from shared.reference.terms import Flag

_PREFIX = flag_tag("")


def names_flags_alone(measure: Measure) -> bool:
    """Whether every record that it counts carries a flag which it names."""
    asked = measure.all or measure.any
    return measure.of == "crime" and bool(asked) and all(tag.startswith(_PREFIX) for tag in measure.all | measure.any)


def sensitive_measures(measures: Iterable[Measure], flags: Iterable[Flag]) -> frozenset[str]:
    """The ids of the sensitive measures among these."""
    declared = {each.id: each for each in measures}
    tags = _sensitive_tags(declared.values(), list(flags))
    found = {each.id for each in declared.values() if each.kind == "count" and each.tags & tags}
    while more := {each.id for each in declared.values() if found & _operands(each)} - found:
        found |= more
    return frozenset(found)


def implied_flags(flags: Iterable[Flag]) -> dict[str, frozenset[str]]:
    """By a flag's tag, the tags that a crime with it carries, its own among them."""
    above = {each.id: each.implies for each in flags}
    found = {}
    for each in above:
        way: list[str] = []
        at: str | None = each
        while at is not None and at not in way:
            way.append(at)
            at = above[at]
        found[flag_tag(each)] = frozenset(map(flag_tag, way))
    return found


def _sensitive_tags(measures: Iterable[Measure], flags: list[Flag]) -> frozenset[str]:
    marked = {tag for each in measures if each.sensitive for tag in each.all | each.any}
    if not marked:
        return frozenset()
    # A flag that implies another is counted in it: whole branches are sensitive, up and down.
    branches = implied_flags(flags)
    while more := {tag for branch in branches.values() if branch & marked for tag in branch} - marked:
        marked |= more
    return frozenset(marked | {FLAGGED})


def _operands(measure: Measure) -> set[str | None]:
    return {measure.numerator, measure.denominator, measure.minuend, measure.subtrahend} - {None}
