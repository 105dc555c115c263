"""How a cell of a table came about: of which figures it was made, and how. Plain data. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.metrics.periods import Window
from services.metrics.tables.exact import Number
from shared.events import Indicator
from shared.reference.targets import Target
from shared.reference.terms import Area


@dataclass(frozen=True, slots=True)
class Of:
    """A measure's figure, as /v1/compare has it."""

    measure: str
    area: Area
    window: Window


@dataclass(frozen=True, slots=True)
class PostedFigure:
    """A figure as it was posted; None where none was."""

    measure: str
    posted: Indicator | None


@dataclass(frozen=True, slots=True)
class Change:
    """What `now` is more than `before`, as comparisons have it."""

    now: "Of | Promised"
    before: "Of | Promised"


@dataclass(frozen=True, slots=True)
class PercentChange:
    """The same as a percentage of `before`, to that many decimals."""

    now: Of
    before: Of
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class Less:
    """A posted figure less another."""

    minuend: PostedFigure
    subtrahend: PostedFigure


@dataclass(frozen=True, slots=True)
class Promised:
    """What a target asks for at the end of `window`, or in the end; `start` is the figure that it starts from."""

    target: Target
    start: Of | None
    window: Window
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What the parts come to, by what they are called; of one part, what was known itself: of records of a `kind`."""

    parts: Sequence[tuple[str, Number]]
    kind: str


Origin = Of | PostedFigure | Change | PercentChange | Less | Promised | Counted
Origins = Mapping[str, Origin]


def figures(origin: Origin) -> Iterator[Of]:
    """The measures' figures that it is made of."""
    match origin:
        case Of():
            yield origin
        case Change(now, before) | PercentChange(now, before):
            yield from figures(now)
            yield from figures(before)
        case Promised(start=Of() as start):
            yield start


def measures(origin: Origin) -> list[str]:
    """The measures that it is a figure of, each once."""
    match origin:
        case PostedFigure(measure):
            return [measure]
        case Less(minuend, subtrahend):
            return list(dict.fromkeys([minuend.measure, subtrahend.measure]))
        case Promised(target):
            return [target.measure]
    return list(dict.fromkeys(each.measure for each in figures(origin)))
