"""A measure as declared: what it means, and of what it is made. How it is answered is the metrics service's."""

from typing import Literal

import msgspec

RecordKind = Literal["crime", "call", "stop"]
MeasureKind = Literal["count", "percentile", "rate", "difference", "indicator"]
Good = Literal["up", "down", "neither"]
Dated = Literal["recorded", "outcome"]
Value = Literal["answer-seconds", "response-seconds"]
Default = Literal["area-population"]
Weight = Literal["records", "victims", "victims-under-25"]
Over = Literal["last", "sum", "mean", "standing"]


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared measure; the fields after `version` belong to kinds, and stay at their defaults for the others.

    count: the `weight` of the records `of` a kind that carry every tag of `all`, one of `any` at least (where there
    are any) and none of `none`, on the day that they are `dated` by. Small counts of a `sensitive` one are not
    published of a part of London.
    percentile: of the same records, the `quantile` (0 to 1) of `value`, in seconds.
    rate: `per` times the measure `numerator` by the measure `denominator`.
    difference: the measure `minuend` less the measure `subtrahend`.
    indicator: posted, not counted. `over` says which posted periods answer for a window: the `last` that ends in it,
    the `sum` or `mean` of those that tile it, or the latest that ends on its last day or before (`standing`).
    `indicator` and `breakdown` make it a view of another indicator at one breakdown, which cannot be posted itself.
    `default`: where nothing is posted, the areas' population of 2015.
    """

    id: str
    title: str
    definition: str
    unit: str
    kind: MeasureKind
    good: Good
    plan_area: str
    caveats: tuple[str, ...] = ()
    version: int
    of: RecordKind | None = None
    all: frozenset[str] = frozenset()
    any: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    dated: Dated = "recorded"
    weight: Weight = "records"
    sensitive: bool = False
    value: Value | None = None
    quantile: float | None = None
    numerator: str | None = None
    denominator: str | None = None
    per: int = 1
    minuend: str | None = None
    subtrahend: str | None = None
    over: Over = "last"
    indicator: str | None = None
    breakdown: dict[str, str] = {}
    default: Default | None = None

    def __hash__(self) -> int:
        return hash(self.id)  # a breakdown has no hash

    @property
    def name(self) -> str:
        return self.title

    @property
    def aliases(self) -> tuple[str, ...]:
        return ()

    @property
    def tags(self) -> frozenset[str]:
        return self.all | self.any | self.none

    @property
    def parts(self) -> dict[str, str]:
        """The measures that this one is made of: their ids by the field that names them."""
        named = {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "minuend": self.minuend,
            "subtrahend": self.subtrahend,
            "indicator": self.indicator,
        }
        return {field: part for field, part in named.items() if part is not None}

    @property
    def is_posted(self) -> bool:
        """Whether it can be posted: an indicator that is no view of another."""
        return self.kind == "indicator" and self.indicator is None

    def counts(self, tags: frozenset[str]) -> bool:
        """Whether a record that carries `tags` is counted."""
        return self.all <= tags and (not self.any or bool(self.any & tags)) and not self.none & tags
