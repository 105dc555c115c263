"""Which measures a record counts in, and where each stands in a count vector."""

import hashlib
from functools import cached_property

import msgspec

from shared.reference import Reference
from shared.reference.measures import Measure, RecordKind
from shared.reference.tags import carried_tags

CELL_BYTES = 4


class Layout:
    """The counted measures of one kind of record, each at a fixed place.

    A count vector is a matrix of areas by measures, row by row, in 32-bit big-endian cells. `fingerprint` changes
    with anything that changes what a vector means, and is part of every Redis key: changed measures are counted
    anew from the log, in keys of their own.
    """

    def __init__(self, reference: Reference, kind: RecordKind) -> None:
        self.kind = kind
        self.measures: tuple[Measure, ...] = tuple(each for each in reference.measures if each.of == kind)
        self.areas = {area.id: area.index for area in reference.areas}
        (self.region,) = (area.index for area in reference.areas if area.is_region)
        self._vocabulary = carried_tags(reference, kind)
        self._counted: dict[tuple[str, frozenset[str]], bytes] = {}

    @cached_property
    def places(self) -> dict[str, int]:
        """Each measure's place in a row."""
        return {measure.id: place for place, measure in enumerate(self.measures)}

    @cached_property
    def presupposed(self) -> dict[str, list[str]]:
        """For each measure that leaves records out, the measures that count just those.

        In a dataset that never counts them (open data carry no flags) nothing can be left out, and the measure's count
        would be another measure's.
        """
        counting = {tag: each.id for each in self.measures for tag in each.all if each.tags == {tag}}
        return {each.id: sorted(counting[tag] for tag in each.none if tag in counting) for each in self.measures}

    @cached_property
    def rows(self) -> int:
        return max(self.areas.values()) + 1

    @cached_property
    def fingerprint(self) -> str:
        """Eight hex digits."""
        meaning = [
            (each.id, each.version, each.dated, sorted(each.all), sorted(each.any), sorted(each.none))
            for each in self.measures
        ]
        text = msgspec.json.encode((meaning, sorted(self.areas.items(), key=lambda item: item[1]), self._vocabulary))
        return hashlib.blake2b(text, digest_size=4).hexdigest()

    def counted(self, dated: str, tags: frozenset[str]) -> bytes:
        """The places of the measures, dated so, that count a record with these tags: a byte each."""
        known = self._counted.get((dated, tags))
        if known is None:
            known = bytes(
                place for place, measure in enumerate(self.measures) if measure.dated == dated and measure.counts(tags)
            )
            self._counted[dated, tags] = known
        return known
