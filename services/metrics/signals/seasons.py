"""Like with like: the figures of a measure with a season as changes on the same period of the year before. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from services.metrics.figures import Figure, half_up, merged, worst
from services.metrics.periods import Window, WindowName, year_before


def windows_before(windows: Sequence[Window], interval: str) -> list[Window]:
    """The same period a year before each: 52 weeks before a week, so that weekdays match."""
    name: WindowName = "week" if interval == "week" else "custom"
    return [year_before(name, window) for window in windows]


def changes(figures: Sequence[Figure], before: Sequence[Figure], decimals: int = 4) -> list[Figure]:
    """Each figure less that of the year before; without data where either has none."""
    return [_change(now, then, decimals) for now, then in zip(figures, before, strict=True)]


def _change(now: Figure, then: Figure, decimals: int) -> Figure:
    missing = merged((*now.missing, *then.missing))
    if now.value is None or then.value is None:
        return Figure(now.window, None, now.status if now.value is None else then.status, missing=missing)
    exact = now.precise - then.precise
    status = worst((now.status, then.status))
    fraction = exact if isinstance(exact, Fraction) else None
    return Figure(now.window, half_up(exact, decimals), status, missing=missing, exact=fraction)
