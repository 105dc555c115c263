"""The fixed periods in which parts of London are told of a sensitive measure. Pure.

Two windows that overlap tell by their difference what neither says. Whole periods of one length never overlap, and a
window that is made of them says no more than they do:

12m to 30 June        |--Q2--|--Q3--|--Q4--|--Q1--|    four cells, added up
12m to 31 May      |-----|------|------|------|---|    no whole quarters: not told
"""

from datetime import timedelta

from services.metrics.periods import Interval, Window, intervals

_DAY = timedelta(days=1)


def whole_periods(window: Window, period: Interval) -> list[Window]:
    """The periods that the window is made of; none where it begins or ends within one."""
    before, after = window.first - _DAY, window.last + _DAY
    # A day more on either side stands by itself where a period begins or ends there.
    begins = intervals(before, window.last, period)[0] == Window(before, before)
    ends = intervals(window.first, after, period)[-1] == Window(after, after)
    return intervals(*window, period) if begins and ends else []
