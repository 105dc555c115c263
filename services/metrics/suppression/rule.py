"""The rule of suppression, and what of the catalogue it concerns. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from services.metrics.periods import Interval, Window
from services.metrics.suppression.nesting import is_within
from services.metrics.suppression.periods import whole_periods
from services.metrics.suppression.scheme import Scheme, scheme_of
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.sensitivity import implied_flags, sensitive_measures
from shared.reference.terms import Area


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts `below` this are withheld of a part of London, which is told of in whole periods alone; 0: none is."""

    below: int = 5
    period: Interval = "quarter"


class Suppression:
    """Which measures and areas the rule concerns, and how the measures that it concerns lie in one another."""

    def __init__(self, known: Reference, rule: Rule | None = None) -> None:
        self.rule = rule or Rule()
        self._known = known
        (self.region,) = (area.index for area in known.areas if area.is_region)

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

    @cached_property
    def scheme(self) -> Scheme:
        """How the sensitive counts hang together; of those that count the same, the first declared."""
        return scheme_of([each for each in self._counts if self._is_first(each)], self._implied)

    def first(self, measure: str) -> str:
        """Of the counts that count the same as this one, the first declared."""
        return self._firsts[measure]

    def around(self, measure: str) -> Sequence[str]:
        """The published counts which hold whatever this sensitive one counts."""
        return self._around[measure]

    @cached_property
    def needed(self) -> Sequence[str]:
        """The counts that say what is withheld: the sensitive ones, each once, and those around them."""
        return list(dict.fromkeys(chain(self._around, *self._around.values())))

    @cached_property
    def _firsts(self) -> Mapping[str, str]:
        counts = [each for each in self._counts if each.id in self.sensitive]
        return {each.id: next(other.id for other in counts if self._are_alike(each, other)) for each in counts}

    @cached_property
    def _around(self) -> Mapping[str, Sequence[str]]:
        published = [each for each in self._counts if each.id not in self.sensitive]
        return {
            each.id: [other.id for other in published if is_within(each, other, self._implied)]
            for each in self._counts
            if self._is_first(each)
        }

    def _is_first(self, measure: Measure) -> bool:
        return self._firsts.get(measure.id) == measure.id

    def _are_alike(self, one: Measure, other: Measure) -> bool:
        return is_within(one, other, self._implied) and is_within(other, one, self._implied)

    @cached_property
    def _counts(self) -> list[Measure]:
        return [each for each in self._known.measures if each.kind == "count" and each.of == "crime"]

    @cached_property
    def _implied(self) -> Mapping[str, frozenset[str]]:
        return implied_flags(self._known.flags)
