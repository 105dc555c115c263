"""Which questions the measures ask of the facts: a column for each, and what a profile counts for in them. Pure."""

import logging
from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

import numpy as np

from services.metrics.facets import Facets, reader_of
from services.metrics.rows import Array
from shared.reference import Reference
from shared.reference.measures import Measure, RecordKind
from shared.reference.seconds import EDGES
from shared.reference.tags import FLAGGED, aspect_of

log = logging.getLogger(__name__)
FLAG = "flag:"
BUCKETS = len(EDGES) + 1


class Counted(NamedTuple):
    """The columns that a profile counts in, and how much each record does."""

    columns: Array
    weights: Array


class Layout:
    """The columns of the measures that are counted from one kind of record, for a matrix of areas by columns."""

    def __init__(self, reference: Reference, kind: RecordKind) -> None:
        self.kind = kind
        self.areas = {area.id: area.index for area in reference.areas}
        (self.region,) = (area.index for area in reference.areas if area.is_region)
        self._read = reader_of(reference, kind)
        self._asked = [each for each in reference.measures if each.of == kind and each.kind in ("count", "percentile")]
        self._known: dict[int, Counted] = {}

    @cached_property
    def rows(self) -> int:
        """How many areas there are."""
        return max(self.areas.values()) + 1

    @cached_property
    def places(self) -> dict[str, int]:
        """Each count's column."""
        return {each.id: place for place, each in enumerate(each for each in self._asked if each.kind == "count")}

    @cached_property
    def histograms(self) -> dict[str, slice]:
        """Each percentile's columns, one a bucket of shared.reference.seconds."""
        begin, wanted = len(self.places), (each.id for each in self._asked if each.kind == "percentile")
        return {name: slice(begin + n * BUCKETS, begin + (n + 1) * BUCKETS) for n, name in enumerate(wanted)}

    @cached_property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.places) + BUCKETS * len(self.histograms)

    @cached_property
    def presupposed(self) -> dict[str, list[str]]:
        """For a measure that leaves records out, what counts just those; for one that flags add to, all with flags.

        In a dataset that never counts them (open data carry no flags) nothing can be left out or added, and the
        measure's count would be another measure's.
        """
        counting: dict[str, str] = {}
        for each in self._asked:
            if each.kind == "count" and each.dated == "recorded" and each.tags == each.all and len(each.all) == 1:
                counting.setdefault(next(iter(each.all)), each.id)
        return {each.id: sorted(counting[tag] for tag in _resting_on(each) if tag in counting) for each in self._asked}

    @cached_property
    def _asking(self) -> dict[str, list[Measure]]:
        """The measures by a tag without which none of them counts a record."""
        found: dict[str, list[Measure]] = defaultdict(list)
        for each in self._asked:
            for tag in sorted(each.all, key=_rarity)[:1] or each.any:
                found[tag].append(each)
        return found

    def counted(self, profile: int) -> Counted:
        """What a fact with this profile counts for."""
        known = self._known.get(profile)
        if known is None:
            known = self._known[profile] = self._resolved(profile)
        return known

    def _resolved(self, profile: int) -> Counted:
        try:
            return self._counted(self._read(profile))
        except KeyError:
            # Written by a later version, which this one runs beside until it is replaced.
            log.exception("facts with a term that this version does not know count nowhere")
            return Counted(np.empty(0, np.int64), np.empty(0, np.int64))

    def _counted(self, facets: Facets) -> Counted:
        found = {}
        for tag in facets.tags & self._asking.keys():
            for measure in self._asking[tag]:
                if aspect_of(measure) == facets.aspect and measure.counts(facets.tags):
                    found.update(self._cell(measure, facets))
        columns = sorted(found)
        return Counted(np.array(columns, np.int64), np.array([found[each] for each in columns], np.int64))

    def _cell(self, measure: Measure, facets: Facets) -> dict[int, int]:
        if measure.kind == "count":
            return {self.places[measure.id]: facets.weights[measure.weight]}
        bucket = facets.buckets.get(str(measure.value))
        return {} if bucket is None else {self.histograms[measure.id].start + bucket: 1}


def _resting_on(measure: Measure) -> frozenset[str]:
    by_flag = [tag.startswith(FLAG) for tag in measure.any]
    return measure.none | {FLAGGED} if any(by_flag) and not all(by_flag) else measure.none


def _rarity(tag: str) -> tuple[int, str]:
    """Tags that name a term are carried by fewer records than those that name a whole class of them."""
    return (0 if ":" in tag else 1, tag)
