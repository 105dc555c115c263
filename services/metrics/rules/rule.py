"""What the kinds of alert rules have in common: whom they watch, what they ask of the counts, and how they judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, NamedTuple

import msgspec

from services.metrics.breaks import Bearing, Breaks
from services.metrics.figures import Figure, Number
from services.metrics.indicators import Indicators
from services.metrics.periods import Window
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.targets import Target
from shared.reference.terms import Area

LONDON = "E12000007"
Evaluations = Annotated[int, msgspec.Meta(ge=1, le=100)]


class Undeclared(ValueError):
    """A rule asks for what cannot be; the text says why."""


class Asked(NamedTuple):
    """The figures that a rule needs: of these measures, in these windows."""

    measures: Sequence[Measure] = ()
    windows: Sequence[Window] = ()


class Found(NamedTuple):
    """What was asked for: figures by measure id and window, and the dataset's posted figures."""

    figures: Mapping[tuple[str, Window], Figure]
    posted: Indicators


@dataclass(frozen=True, slots=True)
class Situation:
    """Whom a rule looks at, and when: `reached` is the last day that the dataset's records or figures reach.

    `reached` is None where the dataset holds nothing of the kind. `today` is not over.
    """

    on: Bearing
    today: date
    reached: date | None
    reference: Reference
    breaks: Breaks
    targets: Mapping[str, Target]


class Judgement(NamedTuple):
    """What a rule says: whether it is met (`met`), and whether one that is met already still is (`holds`).

    None: it cannot be said, which changes nothing. `part` names one of several that a rule watches at once.
    """

    met: bool | None
    holds: bool | None
    window: Window
    text: str
    path: str
    value: Number | None = None
    baseline: Number | None = None
    percent_change: float | None = None
    figures: Mapping[str, Number | None] = {}
    part: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """As declared: whose figure is watched, and who is told.

    `areas` are several, or `boroughs`: each has incidents of its own. It is raised once it was met `raise_after`
    evaluations in a row, and cleared once it held no longer `clear_after` evaluations in a row.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[^@/][^/]*$")]
    title: str
    owner: str
    measure: str
    area: str = LONDON
    areas: tuple[str, ...] | str = ()
    datasets: tuple[str, ...] = ("live",)
    raise_after: Evaluations = 1
    clear_after: Evaluations = 1
    across_breaks: bool = False

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def places(self, known: Reference) -> list[Area]:
        """The areas that it watches; raises UnknownValue."""
        if self.areas == "boroughs":
            return [each for each in known.areas if each.kind == "borough"]
        names = [self.areas] if isinstance(self.areas, str) else list(self.areas)
        return [known.areas.resolve(each) for each in names or [self.area]]

    def name(self, dataset: str, area: Area, part: str = "") -> str:
        """What an incident is remembered under; a rule of one area is named by its dataset alone."""
        return "/".join([self.id, dataset, *([area.id] if self.areas else []), *([part] if part else [])])

    def covers(self, dataset: str, area: Area, name: str) -> bool:
        """Whether the incident of that name is one that it decides."""
        return name == self.name(dataset, area)

    def check(self, measure: Measure, known: Reference, targets: Mapping[str, Target]) -> None:
        """Raises Undeclared for what this kind of rule cannot ask."""

    def also_asked(self) -> dict[str, str]:
        """What a link has to ask for besides, to be answered with what the rule judged."""
        return {"across_breaks": "true"} if self.across_breaks else {}

    def asks(self, at: Situation) -> Asked:
        """Which figures it needs."""
        raise NotImplementedError

    def judge(self, at: Situation, found: Found) -> list[Judgement]:
        """What it says of them."""
        raise NotImplementedError


def beyond(
    value: float | None, threshold: float, clears: float | None, is_beyond: Callable[[float, float], bool]
) -> tuple[bool | None, bool | None]:
    """Whether a value is beyond the threshold, and whether one that was still is: until it passes `clears`."""
    if value is None:
        return None, None
    return is_beyond(value, threshold), is_beyond(value, threshold if clears is None else clears)
