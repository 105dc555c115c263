"""London's offences month by month, from totals of years, quarters and months and a shape between them."""

from collections.abc import Sequence
from math import cos, pi

from local.demo.apportion import apportion
from local.demo.method import method
from local.demo.months import CURRENT_YEAR, MONTHS, PREVIOUS_YEAR, days, month_number, positions
from local.demo.printed import period_totals, year_totals

Total = tuple[range, int]


def spread(totals: Sequence[Total], weights: Sequence[float]) -> list[int]:
    """A whole number for each of the 24 months, such that every total comes out to the digit.

    The shorter a period the sooner it is set; what a longer one has left goes to its remaining months by weight.
    ValueError if a period is set already to another total, or has less than its parts.
    """
    months: list[int | None] = [None] * len(MONTHS)
    for period, total in sorted(totals, key=lambda item: len(item[0])):
        free = [n for n in period if months[n] is None]
        left = total - sum(months[n] or 0 for n in period)
        if left < 0 or (left and not free):
            raise ValueError(f"{MONTHS[period[0]]} to {MONTHS[period[-1]]}: {left} of {total} cannot be placed")
        for n, count in zip(free, apportion(left, [weights[n] for n in free]) if free else [], strict=True):
            months[n] = count
    return [count or 0 for count in months]


def shape(name: str, previous: int, current: int) -> list[float]:
    """Weights of the 24 months: days, season, events, and growth as steady as the two years' totals allow."""
    season, events = method().seasons[name], method().events.get(name, {})
    return [
        days(n)
        * (1 + season.swing * cos(2 * pi * (month_number(n) - season.peak) / 12))
        * events.get(month, 1.0)
        * (current / previous) ** (n / 12)
        for n, month in enumerate(MONTHS)
    ]


def known_totals(measure: str) -> list[Total]:
    """Quarters and months of a measure that the report prints or the method assumes."""
    known = (*period_totals(), *method().totals)
    return [(positions(item.period), item.value) for item in known if item.measure == measure]


def printed_series(measure: str) -> list[int]:
    """The months of a measure whose two years are printed."""
    previous, current = year_totals(measure)
    years = [(PREVIOUS_YEAR, previous), (CURRENT_YEAR, current)]
    return spread([*years, *known_totals(measure)], shape(measure, previous, current))
