"""How a block's offences lie over the areas in April to June 2016, and a year later with the printed changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from local.demo.apportion import apportion
from local.demo.method import Places, method
from local.demo.printed import BoroughPriority, borough_priorities
from shared.reference import reference

_COMBINED = "robbery-and-theft-person"
_COMBINED_PARTS = ("total-robbery", "theft-person")


@dataclass(frozen=True, slots=True)
class Quarters:
    """A block's offences by area, in the order of `areas()`: in the quarter a year before, and in the quarter."""

    before: list[int]
    after: list[int]


@cache
def areas() -> tuple[str, ...]:
    """The areas that the force records crime in: the 32 boroughs (not the City of London), the airports, unknown."""
    policed = method().intensity
    return tuple(a.id for a in reference().areas if a.id in policed or a.kind in {"airport", "unknown"})


def weights(places: Places) -> list[float]:
    """Each area's part of a block: population times intensity to the power of the block's concentration."""
    intensity, known = method().intensity, reference().areas
    outside = {"airport": places.airports, "unknown": places.unknown}
    inside = {a: (known.resolve(a).population_2015 or 0) * i**places.concentration for a, i in intensity.items()}
    scale = (1 - sum(outside.values())) / sum(inside.values())
    return [inside[a] * scale if a in inside else outside[known.resolve(a).kind] for a in areas()]


def quarters(
    block: str, places: Places, london_before: int, growth: float, earlier: Mapping[str, Quarters]
) -> Quarters:
    """Each area's two quarters: printed changes where there are any, `growth` elsewhere.

    `earlier` holds the blocks that are done, from which Hackney's combined priority takes its part.
    """
    before = apportion(london_before, weights(places))
    after = [round(count * (1 + growth)) for count in before]
    for priority in borough_priorities():
        n = areas().index(priority.area)
        if priority.measure == block:
            after[n] = _changed(before[n], priority)
        elif priority.measure == _COMBINED and block == _COMBINED_PARTS[1]:
            part = earlier[_COMBINED_PARTS[0]]
            after[n] = _changed(before[n] + part.before[n], priority) - part.after[n]
    return Quarters(before, after)


def _changed(before: int, priority: BoroughPriority) -> int:
    """The count that is `percent_change` more than `before`, as near as a whole number comes.

    Up to 100 offences a whole percent may have no count of its own, and a half could round either way.
    """
    if before <= 100:
        raise ValueError(f"{priority.borough}, {priority.title}: {before} offences are too few to print a percent of")
    return round(before * (1 + priority.percent_change / 100))
