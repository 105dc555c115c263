"""What figures are computed from: counts of each kind of record, posted figures, and other measures. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.metrics.extents import Extent
from services.metrics.indicators import Indicators
from services.metrics.layout import Layout
from services.metrics.suppression import Withheld
from shared.reference import Reference
from shared.reference.measures import Measure


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one kind of record: for each window a matrix of areas by the layout's columns."""

    layout: Layout
    extent: Extent | None
    sums: Sequence[NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What figures are computed from: the counts by kind of record, what was posted, and which day is not over.

    `withheld` says what of sensitive counts is not published, where parts of London are asked for.
    """

    reference: Reference
    counted: Mapping[str, Counted]
    posted: Indicators
    posted_at: str | None
    today: date
    withheld: Withheld | None = None

    @property
    def as_of(self) -> str | None:
        """When a record was last counted, or a figure posted."""
        known = [each.extent.as_of for each in self.counted.values() if each.extent]
        return max((at for at in (*known, self.posted_at) if at), default=None)


def operands(measure: Measure) -> list[str]:
    """The ids of the measures that it is computed from."""
    named = (measure.numerator, measure.denominator, measure.minuend, measure.subtrahend)
    return [each for each in named if each]


def posted_under(measures: Iterable[Measure]) -> frozenset[str]:
    """The ids that the figures of those which are posted are posted under."""
    return frozenset(each.indicator or each.id for each in measures if each.kind == "indicator")


def closure(measures: Iterable[Measure], reference: Reference) -> list[Measure]:
    """These measures and all that they are computed from, each once."""
    found: dict[str, Measure] = {}
    waiting = list(measures)[::-1]
    while waiting:
        measure = waiting.pop()
        if measure.id not in found:
            found[measure.id] = measure
            waiting += [reference.measures.resolve(each) for each in operands(measure)[::-1]]
    return list(found.values())
