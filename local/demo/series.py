"""London's offences month by month, from totals of years, quarters and months and a shape between them."""

from collections.abc import Sequence
from math import cos, pi

from local.demo.apportion import apportion
from local.demo.method import method
from local.demo.months import CURRENT_YEAR, MONTHS, PREVIOUS_YEAR, days, month_number, positions
from local.demo.printed import period_totals, twelve_months, year_totals

Total = tuple[range, int]


def spread(totals: Sequence[Total], weights: Sequence[float]) -> list[int]:
    """A whole number for each of the 24 months, such that every total comes out to the digit.

    The shorter a period the sooner it is set; what a longer one has left goes to its remaining months by weight.
    ValueError if a period is set already to another total, or has less than its parts, or a month lies in none.
    """
    months: list[int | None] = [None] * len(MONTHS)
    for period, total in sorted(totals, key=lambda item: len(item[0])):
        free = [n for n in period if months[n] is None]
        left = total - sum(months[n] or 0 for n in period)
        if left < 0 or (left and not free):
            raise ValueError(f"{MONTHS[period[0]]} to {MONTHS[period[-1]]}: {left} of {total} cannot be placed")
        for n, count in zip(free, apportion(left, [weights[n] for n in free]) if free else [], strict=True):
            months[n] = count
    if None in months:
        raise ValueError(f"{MONTHS[months.index(None)]}: it lies in no period whose total is known")
    return [count for count in months if count is not None]


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
    """Years, quarters and months of a measure that the report prints or the method assumes."""
    known = (*period_totals(), *method().totals)
    return [(positions(item.period), item.value) for item in known if item.measure == measure]


def printed_series(measure: str) -> list[int]:
    """The months of a measure whose two years are printed, or all of whose periods are known otherwise."""
    if any(row.measure == measure for row in twelve_months()):
        previous, current = year_totals(measure)
        years = [(PREVIOUS_YEAR, previous), (CURRENT_YEAR, current)]
        return spread([*years, *known_totals(measure)], shape(measure, previous, current))
    return spread(known_totals(measure), shape(measure, 1, 1))
