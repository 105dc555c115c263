"""Which counts come to another but for the records that they share: the strands to all hate crime. Pure.

Every record of the whole is one of some part. How many are of several parts London's own figures tell: where none is,
an area's parts come to its whole, and a part that is withheld alone is the whole less the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from services.metrics.suppression.nesting import Implied, is_within
from shared.reference.measures import Measure


class Union(NamedTuple):
    """Ids of counts: each record of `whole` is one of some of the `parts`, and theirs are all its own."""

    whole: str
    parts: tuple[str, ...]


def unions(wholes: Iterable[Measure], counts: Sequence[Measure], implied: Implied) -> list[Union]:
    """Those that can be told of `wholes` from what `counts` declare; of counts that are alike, the first stands."""
    found = [each for whole in wholes for each in _of(whole, counts, implied)]
    return list(dict.fromkeys(found))


def _of(whole: Measure, counts: Sequence[Measure], implied: Implied) -> Iterator[Union]:
    ways = _ways(whole)
    within = list(_first_of_each(_within(whole, counts, implied), implied))
    parts = [_part(way, within, implied) for way in ways]
    if len(ways) > 1 and all(parts):
        yield Union(whole.id, tuple(dict.fromkeys(each.id for each in parts if each)))
    for larger in within:
        # A part may be a whole itself, in the place of its own parts.
        held = [is_within(way, larger, implied) for way in ways]
        others = [part for part, is_held in zip(parts, held, strict=True) if not is_held]
        if sum(held) > 1 and all(others):
            yield Union(whole.id, tuple(dict.fromkeys([larger.id, *(each.id for each in others if each)])))


def _within(whole: Measure, counts: Sequence[Measure], implied: Implied) -> list[Measure]:
    """The counts of some of the whole's records."""
    return [each for each in counts if is_within(each, whole, implied) and not is_within(whole, each, implied)]


def _first_of_each(counts: Sequence[Measure], implied: Implied) -> Iterator[Measure]:
    """Without those that count the same as one before them."""
    for place, each in enumerate(counts):
        before = counts[:place]
        if not any(is_within(each, other, implied) and is_within(other, each, implied) for other in before):
            yield each


def _part(way: Measure, within: Sequence[Measure], implied: Implied) -> Measure | None:
    """The count of the whole's records that come to be counted in one way; else one that holds them all."""
    holding = [each for each in within if is_within(way, each, implied)]
    return next((each for each in holding if is_within(each, way, implied)), next(iter(holding), None))


def _ways(measure: Measure) -> list[Measure]:
    """What is counted in each of the ways that a record may come to be counted in."""
    return [msgspec.structs.replace(measure, all=measure.all | {tag}, any=frozenset()) for tag in sorted(measure.any)]
