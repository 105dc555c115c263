"""Which measures count no record that another does not count as well. Pure."""

from collections.abc import Mapping

from shared.reference.measures import Measure
from shared.reference.tags import FLAGGED, RECORD, flag_tag

Implied = Mapping[str, frozenset[str]]
_FLAG = flag_tag("")


def is_within(inner: Measure, outer: Measure, implied: Implied) -> bool:
    """Whether `outer` counts whatever `inner` does, and as much, by what both declare."""
    if (inner.of, inner.dated, inner.weight) != (outer.of, outer.dated, outer.weight):
        return False
    ways = _ways(inner, implied)
    return outer.none <= inner.none and all(
        outer.all <= carried and (not outer.any or bool(outer.any & carried)) for carried in ways
    )


def _ways(measure: Measure, implied: Implied) -> list[frozenset[str]]:
    """What a record that is counted carries at least, in each of the ways that it may come to be counted."""
    return [_carried(measure.all | {tag}, implied) for tag in sorted(measure.any)] or [_carried(measure.all, implied)]


def _carried(tags: frozenset[str], implied: Implied) -> frozenset[str]:
    found = {RECORD, *tags, *(more for tag in tags for more in implied.get(tag, ()))}
    return frozenset(found | {FLAGGED} if any(tag.startswith(_FLAG) for tag in found) else found)
