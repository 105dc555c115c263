"""The rule of suppression, and what of the catalogue it concerns. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.metrics.periods import Interval, Window
from services.metrics.suppression.nesting import is_within
from services.metrics.suppression.periods import whole_periods
from services.metrics.suppression.unions import Union, unions
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

    `sensitive` are themselves withheld where they are small. `same` is the first declared of those that count the same.
    """

    same: str
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

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The sensitive counts; of those that count the same, the first declared."""
        return tuple(dict.fromkeys(self.nest(each.id).same for each in self._counts if each.id in self.sensitive))

    @cached_property
    def unions(self) -> list[Union]:
        """The wholes of which a sensitive count is a part, and all their parts."""
        wholes = [each for each in self._counts if each.id in self.distinct]
        found = unions(wholes, self._counts, self._implied)
        return [each for each in found if not self.sensitive.isdisjoint(each.parts)]

    def nest(self, measure: str) -> Nest:
        """Of a sensitive count, by its id."""
        if measure not in self._nests:
            self._nests[measure] = self._nest(self._known.measures.resolve(measure))
        return self._nests[measure]

    @cached_property
    def _counts(self) -> list[Measure]:
        return [each for each in self._known.measures if each.kind == "count" and each.of == "crime"]

    @cached_property
    def _implied(self) -> Mapping[str, frozenset[str]]:
        return implied_flags(self._known.flags)

    def _nest(self, measure: Measure) -> Nest:
        others = [each for each in self._counts if each.id != measure.id]
        around = [each.id for each in others if is_within(measure, each, self._implied)]
        inside = [each.id for each in others if is_within(each, measure, self._implied)]
        alike = {*inside} & {*around} | {measure.id}
        return Nest(
            next(each.id for each in self._counts if each.id in alike),
            tuple(each for each in around if each not in self.sensitive),
            tuple(each for each in inside if each not in self.sensitive),
            tuple(dict.fromkeys(self._first(each) for each in around if each in self.sensitive and each not in alike)),
        )

    def _first(self, measure: str) -> str:
        return self.nest(measure).same
