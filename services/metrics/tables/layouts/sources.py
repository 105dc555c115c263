"""Who sends which kind of record: how many, how fresh, how late."""

from collections.abc import Mapping
from typing import Any, Literal

from services.metrics.tables.layouts.section import Section
from services.metrics.tables.origins import Counted, Origins
from services.metrics.tables.parts import Asks, Column, Found, Part, Scope, Source


class Sources(Section, frozen=True, kw_only=True, tag="sources"):
    """A row a source and kind of record, as of today. Lateness counts records by how late they came."""

    kinds: tuple[Literal["crime", "call", "stop", "indicator"], ...]

    def asks(self, scope: Scope) -> Asks:
        del scope
        return Asks(sources=self.kinds)

    def render(self, scope: Scope, found: Found) -> Part:
        bands = list(dict.fromkeys(band for each in found.sources for band in each.lateness))
        return Part(columns=_columns(bands), rows=[_row(each, bands, scope) for each in found.sources])

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        del scope
        (source,) = (each for each in found.sources if (each.kind, each.source) == (line["kind"], line["source"]))
        kind, lateness = source.kind, source.lateness
        late = {f"late_{band}": Counted([(band, number)], kind) for band, number in lateness.items()}
        behind = [("days since", line["days_behind"])] if source.last_day else []
        return late | {"records": Counted(list(lateness.items()), kind), "days_behind": Counted(behind, kind)}


def _row(source: Source, bands: list[str], scope: Scope) -> dict[str, Any]:
    last = source.last_day
    return {
        "kind": source.kind,
        "source": source.source,
        "records": source.records,
        "last_day": last.isoformat() if last else None,
        "days_behind": max((scope.today - last).days, 0) if last else None,
        "applied_at": source.applied_at,
        **{f"late_{band}": source.lateness.get(band, 0) for band in bands},
        "status": "complete" if source.records else "no-data",
    }


def _columns(bands: list[str]) -> list[Column]:
    fixed = [
        Column("kind", "Kind", "text"),
        Column("source", "Source", "text"),
        Column("records", "Records"),
        Column("last_day", "Last day", "text"),
        Column("days_behind", "Days behind"),
        Column("applied_at", "Last applied", "text"),
    ]
    return [*fixed, *(Column(f"late_{band}", f"Came {band.replace('_', ' ')}") for band in bands)]
