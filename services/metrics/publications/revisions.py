"""What has become of frozen figures: each that differs today, and what has come or gone since. Pure."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from services.metrics.figures import exactly, half_up
from services.metrics.tables.cells import Name, Row, by_name, is_figure, title_of
from services.metrics.tables.exact import Number, difference
from services.metrics.tables.parts import is_suppressed, suppressed_cells

_FIGURES = ("title", "column", "published", "today", "difference", "percent")


def revisions(frozen: Mapping[str, Any], today: Mapping[str, Any]) -> dict[str, Any]:
    """Two answers of a table set side by side.

    `{figures, unchanged, revised: [{row, column, published, today, difference, percent}], added, removed}`: a figure
    that was or is not known is null, and has no difference; one that was or is withheld is named in `suppressed`.
    """
    before, after = by_name(frozen["rows"]), by_name(today["rows"])
    both = [name for name in before if name in after]
    compared = [cell for name in both for cell in _cells(name, before[name], after[name])]
    revised = [cell for cell in compared if cell["published"] != cell["today"]]
    return {
        "figures": len(compared),
        "unchanged": len(compared) - len(revised),
        "revised": revised,
        "added": [_described(name, after[name]) for name in after if name not in before],
        "removed": [_described(name, before[name]) for name in before if name not in after],
    }


def revised_columns(frozen: Mapping[str, Any]) -> list[str]:
    """What every member of `revised` has, whether there is one or not: what names the table's rows, and the figures."""
    names = dict.fromkeys(key for name in by_name(frozen["rows"]) for key, _ in name)
    return [*names, *_FIGURES]


def _cells(name: Name, before: Row, after: Row) -> Iterator[dict[str, Any]]:
    for column in dict.fromkeys([*before, *after]):
        published, now = before.get(column), after.get(column)
        if is_figure(published) or is_figure(now):
            hidden = [which for which, row in (("published", before), ("today", after)) if is_suppressed(row, column)]
            yield _cell(name, before, column, _known(published), _known(now)) | suppressed_cells(hidden)


def _known(value: Any) -> Number | None:
    """The figure, or None for what is said in a figure's place."""
    return value if is_figure(value) else None


def _cell(name: Name, row: Row, column: str, published: Number | None, now: Number | None) -> dict[str, Any]:
    apart = difference(now, published)
    percent = None
    if published and apart is not None:
        percent = half_up(100 * Fraction(exactly(apart)) / Fraction(exactly(abs(published))), 1)
    return {
        **_described(name, row),
        "column": column,
        "published": published,
        "today": now,
        "difference": apart,
        "percent": percent,
    }


def _described(name: Name, row: Row) -> dict[str, Any]:
    return {**dict(name), "title": title_of(row)}
