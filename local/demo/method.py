"""What the report does not print and the demonstration assumes, read from `assumed/`."""

import csv
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from local.demo.printed import PeriodTotal

_DIRECTORY = Path(__file__).parent / "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A month's weight is 1 + swing * cos(its distance from the peak month, 1 to 12)."""

    swing: float
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How offences lie over London: the power of a borough's intensity, and the parts outside the boroughs."""

    concentration: float
    airports: float
    unknown: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of London's total that shares no crime with another block. `shares` lie over its offence classes."""

    name: str
    shares: dict[str, float]
    places: Places
    of: str | None = None
    share: float = 1.0
    remainder_of: str | None = None
    growth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedBlock:
    """A block of which every crime is of one class and carries one flag."""

    name: str
    part_of: str
    offence: str
    flag: str
    places: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Crimes of one class with two flags: so many a month."""

    flags: tuple[str, ...]
    offence: str
    monthly: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagShares:
    """How the crimes with one flag lie over offence classes."""

    id: str
    measure: str
    shares: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Every assumption of `assumed/method.toml`."""

    quarter_rise_of_total: int
    totals: tuple[PeriodTotal, ...]
    seasons: dict[str, Season]
    events: dict[str, dict[str, float]]
    blocks: tuple[Block, ...]
    flagged: tuple[FlaggedBlock, ...]
    pairs: tuple[Pair, ...]
    flags: tuple[FlagShares, ...]
    intensity: dict[str, float] = field(default_factory=dict)


@cache
def method() -> Method:
    """The assumptions, read once."""
    read = tomllib.loads((_DIRECTORY / "method.toml").read_text(encoding="utf-8"))
    return Method(
        quarter_rise_of_total=read["quarter_rise_of_total"],
        totals=tuple(
            PeriodTotal(entry["measure"], period, value)
            for entry in read["total"]
            for period, value in entry["values"].items()
        ),
        seasons={name: Season(**season) for name, season in read["seasons"].items()},
        events=read["events"],
        blocks=tuple(Block(**_with_places(entry)) for entry in read["block"]),
        flagged=tuple(FlaggedBlock(**_with_places(entry)) for entry in read["flagged"]),
        pairs=tuple(Pair(**entry | {"flags": tuple(entry["flags"])}) for entry in read["pair"]),
        flags=tuple(FlagShares(**entry) for entry in read["flag"]),
        intensity=_intensity(),
    )


def _with_places(entry: dict[str, Any]) -> dict[str, Any]:
    names = ("concentration", "airports", "unknown")
    places = Places(**{name: float(entry[name]) for name in names})
    return {name: value for name, value in entry.items() if name not in names} | {"places": places}


def _intensity() -> dict[str, float]:
    with (_DIRECTORY / "boroughs.csv").open(encoding="utf-8", newline="") as file:
        return {row["area"]: float(row["intensity"]) for row in csv.DictReader(file)}
