"""Where the sections of a chart begin: at a break, and where somebody rebased it by hand, with a reason each. Pure."""

from collections.abc import Sequence

from services.metrics.breaks import Bearing, Breaks
from services.metrics.periods import Window
from services.metrics.signals.reading import Start


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
