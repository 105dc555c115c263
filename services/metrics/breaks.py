"""Which breaks, annotations and rebases bear on a measure's figures in an area and dataset. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from services.metrics.evidence import closure
from services.metrics.periods import Window
from shared.reference import Reference
from shared.reference.measures import Measure
from shared.reference.register import Annotation, Break, Concerning, Rebase, Register
from shared.reference.terms import Area

_NOT_COMPARED = "No change across it is shown; /v1/compare shows it where across_breaks=true asks for it."
_COMPARED = "Figures of both of its sides are compared, as was asked for."


class Bearing(NamedTuple):
    """What may bear on: everything that a measure is made of, in an area and a dataset."""

    measure: Measure
    area: Area
    dataset: str


class Breaks:
    """The register, asked about measures: what bears on one that others are computed from bears on those too."""

    def __init__(self, register: Register, known: Reference) -> None:
        self._register, self._known = register, known
        self._made_of: dict[str, tuple[frozenset[str], frozenset[str | None]]] = {}
        (self._region,) = (area.id for area in known.areas if area.is_region)

    def of(self, on: Bearing) -> list[Break]:
        """Every break in the measure's series, the earliest first."""
        return [each for each in self._register.breaks if self._bears(each, on)]

    def crossed(self, on: Bearing, windows: Iterable[Window]) -> list[Break]:
        """The breaks that have days of these windows on both of their sides."""
        days = list(windows)
        first, last = min(each.first for each in days), max(each.last for each in days)
        return [each for each in self.of(on) if first < each.on <= last]

    def annotations(self, on: Bearing, span: Window) -> list[Annotation]:
        """What happened within these days, the earliest first."""
        return [
            each
            for each in self._register.annotations
            if self._bears(each, on) and each.first <= span.last and (each.last or each.first) >= span.first
        ]

    def rebases(self, on: Bearing, span: Window) -> list[Rebase]:
        """Where the measure's chart begins anew within these days."""
        return [
            each
            for each in self._register.rebases
            if (each.measure, each.area) == (on.measure.id, on.area.id)
            and (not each.datasets or on.dataset in each.datasets)
            and span.first <= each.first <= span.last
        ]

    def is_seasonal(self, measure: Measure) -> bool:
        """Whether it, or something that it is computed from, has a season."""
        ids, _ = self._made(measure)
        return not ids.isdisjoint(self._register.seasonal)

    def _bears(self, entry: Concerning, on: Bearing) -> bool:
        return entry.concerns(*self._made(on.measure)) and entry.holds_in(on.area.id, on.dataset, self._region)

    def _made(self, measure: Measure) -> tuple[frozenset[str], frozenset[str | None]]:
        """The measures that it is made of, and the kinds of record that they are counted of."""
        if measure.id not in self._made_of:
            made_of = closure([measure], self._known)
            self._made_of[measure.id] = frozenset(each.id for each in made_of), frozenset(each.of for each in made_of)
        return self._made_of[measure.id]


def breaks_json(breaks: Iterable[Break]) -> list[dict[str, Any]]:
    """`[{id, on, title, reason, source}]`."""
    return [
        {"id": each.id, "on": each.on.isoformat(), "title": each.title, "reason": each.reason, "source": each.source}
        for each in breaks
    ]


def annotations_json(annotations: Iterable[Annotation]) -> list[dict[str, Any]]:
    """`[{id, from, to, title, text, source}]`; `to` is null for a single day."""
    return [
        {
            "id": each.id,
            "from": each.first.isoformat(),
            "to": each.last.isoformat() if each.last else None,
            "title": each.title,
            "text": each.text,
            "source": each.source,
        }
        for each in annotations
    ]


def warning(each: Break, titles: Iterable[str], *, is_compared: bool = False) -> str:
    """What is to be known of figures of these measures that lie across a break; `is_compared`: it was asked for."""
    about = f"{each.title}: {each.reason} It concerns {', '.join(titles)}."
    said = _COMPARED if is_compared else _NOT_COMPARED
    return f"The series breaks on {each.on:%-d %B %Y}. {about} {said}"


def refusal(breaks: Iterable[Break]) -> str:
    """Why figures across these breaks are not compared, and how they are all the same."""
    said = "; ".join(f"{each.on:%-d %B %Y}, {each.title}: {each.reason}" for each in breaks)
    return f"the series breaks between the days compared: {said} Ask with across_breaks=true to compare all the same"
