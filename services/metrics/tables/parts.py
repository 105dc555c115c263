"""What layouts are given and what they make: plain data between questions and answers. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from services.metrics.figures import Figure, window_json
from services.metrics.periods import Window
from services.metrics.tables.posted import Posted
from shared.reference import Reference
from shared.reference.targets import Target
from shared.reference.terms import Area

Form = Literal["text", "value", "change", "percent", "status", "verdict"]
"""How a column reads: `value` and `change` in the row's unit, or in the column's own."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a part. `measure` is what its figures are of, where the rows do not name it."""

    key: str
    title: str
    form: Form = "value"
    unit: str | None = None
    measure: str | None = None

    def described(self) -> dict[str, Any]:
        found = {"key": self.key, "title": self.title, "unit": self.unit, "measure": self.measure}
        return {name: value for name, value in found.items() if value is not None}


def suppressed_cells(keys: Sequence[str]) -> dict[str, str]:
    """What a row says of its cells that are withheld: `{suppressed: keys, with spaces between}`, or nothing."""
    return {"suppressed": " ".join(keys)} if keys else {}


def is_suppressed(row: Mapping[str, Any], key: str) -> bool:
    """Whether the row's null under that key is something that is withheld."""
    return key in row.get("suppressed", "").split()


def flattened(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows that hold lines of their own as those lines, each with its row's other cells; the rest as they are."""
    for row in rows:
        nested = [value for value in row.values() if isinstance(value, list)]
        own = {name: value for name, value in row.items() if not isinstance(value, list)}
        yield from ({**own, **line} for line in nested[0]) if nested else [own]


@dataclass(frozen=True, slots=True)
class Pivot:
    """How long rows are shown as a grid: a line for each value of `lines`, a column for each of `across`.

    `headings` are the columns' titles; `cell` is the key of what stands in the grid, `verdict` that of what is said.
    """

    lines: tuple[str, ...]
    across: str
    headings: Mapping[str, str]
    cell: str
    form: Form = "value"
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is printed against what the parts come to. Nothing is mended; `rounding` says that it may be no more."""

    place: str
    printed: int | float
    computed: int | float
    difference: int | float
    rounding: bool

    def described(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "printed": self.printed,
            "computed": self.computed,
            "difference": self.difference,
            "rounding": self.rounding,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a table, filled. `windows` by name; `checked` is how many printed totals were added up."""

    columns: Sequence[Column]
    rows: list[dict[str, Any]]
    windows: Mapping[str, Window] = field(default_factory=dict)
    pivot: Pivot | None = None
    differences: Sequence[Difference] = ()
    checked: int = 0
    measures: Sequence[str] = ()

    def windows_json(self) -> dict[str, Any]:
        return {name: window_json(window) for name, window in self.windows.items()}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a table is asked about, and when. `targets` are those that were promised, by their measure's id."""

    reference: Reference
    area: Area
    end: date
    today: date
    targets: Mapping[str, Target]

    @property
    def boroughs(self) -> list[Area]:
        """The boroughs that have priorities and a share of funds: all of them for London, else the area itself."""
        found = [self.reference.areas.resolve(area_id) for area_id in self.reference.priorities]
        return found if self.area.is_region else [each for each in found if each.id == self.area.id]


@dataclass(frozen=True, slots=True)
class Asks:
    """What a section needs: figures of `measures` in `areas` and `windows`, what was posted, who sends which kinds."""

    measures: Sequence[str] = ()
    areas: Sequence[Area] = ()
    windows: Sequence[Window] = ()
    posted: bool = False
    sources: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One upstream's records of a kind. `lateness` counts records by how late they came."""

    kind: str
    source: str
    records: int
    last_day: date | None
    applied_at: str | None
    lateness: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The answers to what a section asked."""

    figures: Mapping[tuple[str, int, Window], Figure]
    posted: Posted
    sources: Sequence[Source] = ()

    def figure(self, measure: str, area: Area, window: Window) -> Figure:
        return self.figures[measure, area.index, window]
