"""Exact arithmetic on figures as they are printed: 68.6 less 62.3 is 6.3, which binary fractions do not know. Pure."""

from collections.abc import Iterable
from decimal import Decimal

Number = int | float


def exact(value: Number) -> Decimal:
    """The number that stands in print."""
    return Decimal(str(value))


def plain(value: Decimal) -> Number:
    """A whole number as an int, any other as a float."""
    return int(value) if value == value.to_integral_value() else float(value)


def difference(value: Number | None, less: Number | None) -> Number | None:
    """`value - less`, exactly; None where either is not known."""
    return None if value is None or less is None else plain(exact(value) - exact(less))


def total(values: Iterable[Number | None]) -> Number | None:
    """The exact sum; None where one of the values is not known."""
    found = list(values)
    known = [exact(value) for value in found if value is not None]
    return plain(sum(known, Decimal())) if known and len(known) == len(found) else None
