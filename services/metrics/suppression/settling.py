"""What of one period is withheld: of every sensitive count, in every part of London. Pure.

Small counts are, and others with them: of the same measure (`secondary`), of the same family (`families`), those next
within one count together, and unions of whose parts one is withheld.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from services.metrics.suppression.families import SettledFamily
from services.metrics.suppression.rule import Suppression
from services.metrics.suppression.scheme import Family
from services.metrics.suppression.secondary import Counts, Holder, Mask, wanting, withheld

Count = Callable[[str], Counts]


class Settling:
    """The counts of one period, from `count`, which answers those of a measure by part of London."""

    def __init__(self, suppression: Suppression, count: Count) -> None:
        self._suppression, self._count, self._below = suppression, count, suppression.rule.below

    def masks(self) -> Mapping[str, Mask]:
        """What is withheld, by measure; of those that count the same, the first declared."""
        scheme = self._suppression.scheme
        found = {name: mask for family in scheme.families for name, mask in self._of_branches(family).items()}
        for union, concerned in scheme.unions.items():
            # What else it is of is published: less that, it would tell of those of its parts that are withheld.
            found[union] = np.logical_or.reduce([found[each] for each in concerned])
        return found | {name: self._caps(name) > 0 for name in scheme.untold}

    def _of_branches(self, family: Family) -> Mapping[str, Mask]:
        """A family, and what lies within its strands."""
        seeds: defaultdict[str, Mask] = defaultdict(lambda: np.zeros_like(self._caps(family.strands[0]), bool))
        while True:
            found = dict(self._of_family(family, seeds))
            for outer, within in self._suppression.scheme.within.items():
                if outer in found:
                    holder = Holder(self._count(outer), found[outer])
                    inner, wanting = self._of_those_within(holder, self._caps(outer), within, seeds)
                    found |= inner
                    seeds[outer] = seeds[outer] | wanting & ~holder.hidden
            # Each time one more count of an area is withheld at least.
            if not any((seed & ~found[outer]).any() for outer, seed in seeds.items()):
                return found

    def _of_family(self, family: Family, seeds: Mapping[str, Mask]) -> Mapping[str, Mask]:
        if family.whole is None:
            (strand,) = family.strands
            return {strand: withheld(self._count(strand), self._caps(strand), seeds[strand], self._below)}
        strands, marks = (np.array(list(map(of, family.strands))) for of in (self._count, seeds.__getitem__))
        whole, caps = self._count(family.whole), self._caps(family.whole)
        table = SettledFamily(strands, whole, caps, self._below, marks).settled()
        return {family.whole: table.free, **dict(zip(family.strands, table.hidden, strict=True))}

    def _of_those_within(
        self, holder: Holder, most: Counts, within: Sequence[str], seeds: Mapping[str, Mask]
    ) -> tuple[Mapping[str, Mask], Mask]:
        """Those next within one count are withheld of the same areas: no one of them is worked out from another.

        And where that leaves them not open enough, since they are nearly all that is told of the holder.
        """
        # How many crimes are of the holder is the most that any of them can be, where it is told.
        told = np.where(holder.hidden, most, holder.counts)
        caps = {each: np.minimum(self._caps(each), told) for each in within}
        seed, before = np.logical_or.reduce([holder.hidden, *(seeds[each] for each in within)]), None
        while before is None or (seed != before).any():
            before = seed
            for each, cap in caps.items():
                seed = seed | withheld(self._count(each), cap, seed, self._below, holder)
        hidden = {each: seed & (cap > 0) for each, cap in caps.items()}
        lacking = [wanting(hidden[each], self._count(each), cap, self._below, holder) for each, cap in caps.items()]
        return hidden, np.logical_or.reduce(lacking)

    def _caps(self, name: str) -> Counts:
        """The most that each area's count can be: as many as London's, or as a published count that holds it."""
        counts = self._count(name)
        caps: Counts = np.minimum.reduce(
            [np.full_like(counts, counts.sum()), *map(self._count, self._suppression.around(name))]
        )
        return caps
