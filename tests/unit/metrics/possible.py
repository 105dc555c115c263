"""All that could have been recorded and tells the same: what integer programming makes of everything published.

Nothing of the rule is known here. The unknowns are how many crimes each area recorded with each set of flags, and each
figure that is told is the sum of some of them. Whoever knows no more than that can do no better.
"""

from itertools import chain, combinations

import highspy
import numpy as np

from shared.reference.sensitivity import implied_flags
from shared.reference.tags import FLAGGED, RECORD, flag_tag, offence_tags


class Possible:
    """`told`: {(measure, area): count}, where the area None is all of them; `flags` are those that crimes carry."""

    def __init__(self, known, areas, offence, flags, told):
        self._known, self._areas = known, list(areas)
        offence_carries = {RECORD, *offence_tags(known.offences.resolve(offence))}
        self._patterns = [offence_carries | tags for tags in _patterns(known, flags)]
        self._solver = highspy.Highs()
        self._solver.silent()
        self._solver.addVars(self._size, np.zeros(self._size), np.full(self._size, highspy.kHighsInf))
        for place in range(self._size):
            self._solver.changeColIntegrality(place, highspy.HighsVarType.kInteger)
        for (measure, area), count in told.items():
            held = np.flatnonzero(self._sum(measure, area)).astype(np.int32)
            self._solver.addRow(count, count, len(held), held, np.ones(len(held)))

    def range(self, measure, area):
        """The least and the most that it can have been."""
        return self._extreme(measure, area, 1), -self._extreme(measure, area, -1)

    @property
    def _size(self):
        return len(self._areas) * len(self._patterns)

    def _extreme(self, measure, area, sign):
        costs = sign * self._sum(measure, area).astype(float)
        self._solver.changeColsCost(self._size, np.arange(self._size, dtype=np.int32), costs)
        self._solver.run()
        assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, self._solver.getModelStatus()
        return round(self._solver.getObjectiveValue())

    def _sum(self, measure, area):
        declared = self._known.measures.resolve(measure)
        counted = np.array([_is_counted(declared, tags) for tags in self._patterns])
        return np.concatenate([counted & (area in (None, each)) for each in self._areas])


def _is_counted(measure, tags):
    return measure.all <= tags and not measure.none & tags and (not measure.any or bool(measure.any & tags))


def _patterns(known, flags):
    """What crimes carry that have some of the flags."""
    implied = implied_flags(known.flags)
    some = chain.from_iterable(combinations(flags, size) for size in range(len(flags) + 1))
    found = {frozenset(chain.from_iterable(implied[flag_tag(flag)] for flag in each)) for each in some}
    return [tags | {FLAGGED} if tags else tags for tags in sorted(found, key=sorted)]
