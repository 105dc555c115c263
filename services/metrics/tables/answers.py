"""A table filled, and how it is told: the answer of /v1/tables/{id}. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.metrics.tables.declarations import Table
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.parts import Found, Part, Scope
from shared.reference import Reference


@dataclass(frozen=True, slots=True)
class Answer:
    """A table's parts, a part a section, and what they rest on. `note` says what kind of data these are.

    `found` is what each section was made from; `breaks` says across which breaks of series its windows lie.
    """

    table: Table
    scope: Scope
    dataset: str
    parts: list[Part]
    as_of: str | None
    note: str | None
    found: Sequence[Found] = ()
    breaks: Sequence[str] = ()

    @property
    def end(self) -> date:
        return self.scope.end

    def sections(self) -> list[tuple[AnySection, Part]]:
        return list(zip(self.table.sections, self.parts, strict=True))

    @property
    def caveats(self) -> list[str]:
        """The breaks that it lies across, the table's own, and those of the measures that stand in it, each once."""
        return [*self.breaks, *_caveats(self.table, self.parts, self.scope.reference)]

    def rows(self) -> list[dict[str, Any]]:
        """Every section's rows; where there are several sections, each row says which is its own."""
        if len(self.parts) == 1:
            return self.parts[0].rows
        return [{"section": section.id, **row} for section, part in self.sections() for row in part.rows]

    def json(self) -> dict[str, Any]:
        """`{id, title, shows, area, dataset, end, current, previous, sections, rows, caveats, as_of, note?}`."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return {
            "id": self.table.id,
            "title": self.table.title,
            "shows": self.table.shows,
            "area": self.scope.area.id,
            "area_name": self.scope.area.name,
            "dataset": self.dataset,
            "end": self.end.isoformat(),
            **(only.windows_json() if only else {}),
            "sections": [_section(section, part) for section, part in self.sections()],
            "rows": self.rows(),
            "caveats": self.caveats,
            "as_of": self.as_of,
            **({"note": self.note} if self.note else {}),
        }


def _section(section: AnySection, part: Part) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "note": section.note,
        "windows": part.windows_json(),
        "columns": [column.described() for column in part.columns],
        "totals_checked": part.checked,
        "differences": [each.described() for each in part.differences],
    }


def _caveats(table: Table, parts: list[Part], known: Reference) -> list[str]:
    of_measures = [
        caveat for part in parts for measure in part.measures for caveat in known.measures.resolve(measure).caveats
    ]
    return list(dict.fromkeys([*table.caveats, *of_measures]))
