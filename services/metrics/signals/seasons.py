"""Like with like: the figures of a measure with a season as changes on the same period of the year before. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from services.metrics.figures import Figure, Gap, half_up, merged, worst
from services.metrics.periods import Window, WindowName, year_before
from services.metrics.signals.reading import cuts
from services.metrics.signals.sections import Start

ACROSS_BREAK = "series breaks between these days and those of the year before"
_DECIMALS = 4


def windows_before(windows: Sequence[Window], interval: str) -> list[Window]:
    """The same period a year before each: 52 weeks before a week, so that weekdays match."""
    name: WindowName = "week" if interval == "week" else "custom"
    return [year_before(name, window) for window in windows]


def changes(
    figures: Sequence[Figure], before: Sequence[Figure], measure: str, starts: Sequence[Start] = ()
) -> list[Figure]:
    """Each of the measure's figures less that of the year before.

    Without data where either has none, and where a break of the series lies between the two: they are not compared.
    """
    broken = [each.first for each in starts if each.is_break]
    return [
        _barred(now, measure) if cuts(Window(then.window.first, now.window.last), broken) else _change(now, then)
        for now, then in zip(figures, before, strict=True)
    ]


def _barred(now: Figure, measure: str) -> Figure:
    return Figure(now.window, None, "no-data", missing=(Gap(*now.window, ACROSS_BREAK, measure),))


def _change(now: Figure, then: Figure) -> Figure:
    missing = merged((*now.missing, *then.missing))
    if now.value is None or then.value is None:
        return Figure(now.window, None, now.status if now.value is None else then.status, missing=missing)
    exact = now.precise - then.precise
    status = worst((now.status, then.status))
    fraction = exact if isinstance(exact, Fraction) else None
    return Figure(now.window, half_up(exact, _DECIMALS), status, missing=missing, exact=fraction)
