"""What of one period is withheld: of every sensitive count, in every part of London. Pure.

Small counts are, and others with them: of the same measure (`secondary`), of the same family (`families`), those within
one strand together, and unions of whose parts one is withheld.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from services.metrics.suppression.families import SettledFamily
from services.metrics.suppression.rule import Suppression
from services.metrics.suppression.scheme import Family
from services.metrics.suppression.secondary import Counts, Mask, withheld

Count = Callable[[str], Counts]


class Settling:
    """The counts of one period, from `count`, which answers those of a measure by part of London."""

    def __init__(self, suppression: Suppression, count: Count) -> None:
        self._suppression, self._count, self._below = suppression, count, suppression.rule.below

    def masks(self) -> Mapping[str, Mask]:
        """What is withheld, by measure; of those that count the same, the first declared."""
        scheme = self._suppression.scheme
        found = {name: mask for family in scheme.families for name, mask in self._of_family(family).items()}
        for strand, within in scheme.within.items():
            found |= self._of_those_within(strand, found[strand], within)
        for union, concerned in scheme.unions.items():
            # What else it is of is published: less that, it would tell of those of its parts that are withheld.
            found[union] = np.logical_or.reduce([found[each] for each in concerned])
        return found | {name: self._caps(name) > 0 for name in scheme.untold}

    def _of_family(self, family: Family) -> Mapping[str, Mask]:
        if family.whole is None:
            (strand,) = family.strands
            return {strand: withheld(self._count(strand), self._caps(strand), seed=False, below=self._below)}
        strands = np.array([self._count(each) for each in family.strands])
        table = SettledFamily(strands, self._count(family.whole), self._caps(family.whole), self._below).settled()
        return {family.whole: table.free, **dict(zip(family.strands, table.hidden, strict=True))}

    def _of_those_within(self, strand: str, hidden: Mask, within: Sequence[str]) -> Mapping[str, Mask]:
        """Those within one strand are withheld of the same areas: no one of them is worked out from another."""
        # How many crimes are of the strand is the most that any of them can be, where it is told.
        most = np.where(hidden, self._caps(strand), self._count(strand))
        caps = {each: np.minimum(self._caps(each), most) for each in within}
        seed, before = hidden, None
        while before is None or (seed != before).any():
            before = seed
            for each, cap in caps.items():
                seed = seed | withheld(self._count(each), cap, seed, self._below)
        return {each: seed & (cap > 0) for each, cap in caps.items()}

    def _caps(self, name: str) -> Counts:
        """The most that each area's count can be: as many as London's, or as a published count that holds it."""
        counts = self._count(name)
        caps: Counts = np.minimum.reduce(
            [np.full_like(counts, counts.sum()), *map(self._count, self._suppression.around(name))]
        )
        return caps
