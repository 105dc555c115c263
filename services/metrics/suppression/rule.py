"""The rule of suppression, and what of the catalogue it concerns. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.metrics.periods import Interval, Window
from services.metrics.suppression.nesting import is_within
from services.metrics.suppression.periods import whole_periods
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.sensitivity import implied_flags, sensitive_measures
from shared.reference.terms import Area


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts `below` this are withheld of a part of London, which is told of in whole periods alone; 0: none is."""

    below: int = 5
    period: Interval = "quarter"


@dataclass(frozen=True, slots=True)
class Nest:
    """The counts that a sensitive measure's lies between: those it is part of, and those that are part of it.

    `sensitive` are themselves withheld where they are small.
    """

    outer: tuple[str, ...]
    inner: tuple[str, ...]
    sensitive: tuple[str, ...]


class Suppression:
    """Which measures and areas the rule concerns, and how the measures that it concerns lie in one another."""

    def __init__(self, known: Reference, rule: Rule | None = None) -> None:
        self.rule = rule or Rule()
        self._known = known
        (self.region,) = (area.index for area in known.areas if area.is_region)
        self._nests: dict[str, Nest] = {}

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The ids of the measures that are sensitive, whatever the rule makes of them."""
        return sensitive_measures(self._known.measures, self._known.flags)

    def concerns(self, measures: Iterable[Measure], areas: Iterable[Area]) -> bool:
        """Whether anything may have to be withheld; what is computed from a sensitive measure is sensitive itself."""
        if not self.rule.below or all(area.is_region for area in areas):
            return False
        return any(each.id in self.sensitive for each in measures)

    def periods(self, windows: Iterable[Window]) -> Sequence[Window]:
        """The periods whose counts say what of the windows is withheld."""
        return list(dict.fromkeys(each for window in windows for each in whole_periods(window, self.rule.period)))

    def nest(self, measure: Measure) -> Nest:
        """Of a sensitive count."""
        if measure.id not in self._nests:
            self._nests[measure.id] = self._nest(measure)
        return self._nests[measure.id]

    def _nest(self, measure: Measure) -> Nest:
        implied = implied_flags(self._known.flags)
        counts = [each for each in self._known.measures if each.kind == "count" and each.id != measure.id]
        around = [each for each in counts if is_within(measure, each, implied)]
        inside = [each for each in counts if is_within(each, measure, implied)]
        alike = {each.id for each in inside} & {each.id for each in around}
        return Nest(
            tuple(each.id for each in around if each.id not in self.sensitive),
            tuple(each.id for each in inside if each.id not in self.sensitive),
            tuple(each.id for each in around if each.id in self.sensitive and each.id not in alike),
        )
