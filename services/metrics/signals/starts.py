"""Where the sections of a chart begin: at a break, and where somebody rebased it by hand, with a reason each. Pure."""

from collections.abc import Sequence
from datetime import date

from services.metrics.breaks import Bearing, Breaks
from services.metrics.periods import Window
from services.metrics.signals.sections import Start


def starts_of(
    breaks: Breaks, on: Bearing, span: Window, *, by_hand: Sequence[Start] = (), across_breaks: bool = False
) -> list[Start]:
    """By the register within the span; `by_hand` in the place of its rebases. One at a break keeps its baseline."""
    rebased = list(by_hand) or [Start(each.first, each.reason, each.until) for each in breaks.rebases(on, span)]
    found = {each.first: each for each in rebased}
    for each in [] if across_breaks else breaks.of(on):
        chosen = found.get(each.on)
        found[each.on] = Start(each.on, each.reason, chosen.until if chosen else None, is_break=True)
    return [found[day] for day in sorted(found)]


def baseline_from(starts: Sequence[Start], first: date) -> date:
    """The first day that has to be read for a chart which shows the days from `first` on.

    Limits that were rebased by hand rest on points from there on, though they are not shown; a break just ends what
    was before it.
    """
    begun = [each for each in starts if each.first <= first]
    return begun[-1].first if begun and (begun[-1].until or not begun[-1].is_break) else first
