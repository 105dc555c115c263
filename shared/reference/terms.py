"""The terms of each vocabulary. Every one has an id, a name and the other spellings it is known by.

An `index` is a small number by which stored facts hold the term; it never changes.
"""

from dataclasses import dataclass
from typing import Literal

AreaKind = Literal["borough", "airport", "unknown", "region"]
CallKind = Literal["crime", "asb", "other"]
AsbType = Literal["nuisance", "environmental", "personal", "unspecified"]


@dataclass(frozen=True, slots=True)
class Area:
    """A borough (id: its GSS code), the airports, `unknown`, or London as a whole (kind `region`).

    `grid_x` and `grid_y` are its place on the tile-grid map, in tiles from the top left.
    """

    index: int
    id: str
    name: str
    kind: AreaKind
    population_2015: int | None
    grid_x: int | None
    grid_y: int | None
    aliases: tuple[str, ...]

    @property
    def is_region(self) -> bool:
        """True for London as a whole, against which no single crime, call or stop can be recorded."""
        return self.kind == "region"


@dataclass(frozen=True, slots=True)
class OffenceGroup:
    """A major group of offence classes."""

    id: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offence:
    """A class of recorded crime. `group` is an offence group's id."""

    index: int
    id: str
    name: str
    group: str
    notifiable: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark on a crime, whatever its class. `implies` names the flag that it always brings with it."""

    index: int
    id: str
    name: str
    implies: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallCategory:
    """What a call was about. `asb_type` is set for anti-social behaviour only."""

    index: int
    id: str
    name: str
    kind: CallKind
    asb_type: AsbType | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a crime was dealt with. `detected`: a sanction detection; `positive`: that or a resolution."""

    index: int
    id: str
    name: str
    detected: bool
    positive: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """How a stop and search ended. `positive`: anything but no further action."""

    index: int
    id: str
    name: str
    arrest: bool
    positive: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPower:
    """The Act and section under which a person or vehicle was searched."""

    index: int
    id: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopObject:
    """What a search looked for."""

    index: int
    id: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoliceUkCrimeType:
    """A crime type of data.police.uk's street files: an offence's id, or a call category's for calls."""

    id: str
    name: str
    offence: str | None
    call_category: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Priority:
    """One of a borough's local priorities: its title as published and the id of its measure."""

    title: str
    measure: str
    additional: bool


@dataclass(frozen=True, slots=True)
class Ethnicity:
    """A broad ethnic group. Its aliases are the finer groups of the census and their codes."""

    index: int
    id: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Ages from `from_age` to `to_age` in years, both included; no `to_age`: and older. Not known: neither."""

    index: int
    id: str
    name: str
    from_age: int | None
    to_age: int | None
    aliases: tuple[str, ...]

    def holds(self, age: int) -> bool:
        return self.from_age is not None and self.from_age <= age and (self.to_age is None or age <= self.to_age)


@dataclass(frozen=True, slots=True)
class Sex:
    """A sex as recorded."""

    index: int
    id: str
    name: str
    aliases: tuple[str, ...]
