"""What a table does not say: how figures changed across a break of their series. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.metrics.breaks import Bearing, Breaks
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.origins import Change, Of, Origin, PercentChange, figures
from services.metrics.tables.parts import Found, Part, Scope
from shared.reference import Reference
from shared.reference.register import Break

_COLUMNS = ("percent_change", "change", "gap")
_SAID = ("direction", "verdict")
_UNKNOWN = "not known"


class Barred:
    """Blanks what compares across a break. `crossed`: the breaks, each with a measure that it was met for."""

    def __init__(self, breaks: Breaks, dataset: str) -> None:
        self._breaks, self._dataset = breaks, dataset
        self.crossed: list[tuple[Break, str]] = []

    def withhold(self, section: AnySection, part: Part, scope: Scope, found: Found) -> None:
        """Make each change, gap and verdict of the part that lies across a break null, or `not known`."""
        if not self._may_cross(part, scope):
            return
        for line, whole in _lines(part.rows):
            for column, origin in section.origins(scope, found, whole).items():
                if self._crosses(scope, origin):
                    _blank(line, column)

    def _may_cross(self, part: Part, scope: Scope) -> bool:
        """Whether any break bears on its measures: most tables have none, and are not gone through."""
        measures = map(scope.reference.measures.resolve, part.measures if part.windows else ())
        return any(self._breaks.of(Bearing(each, scope.area, self._dataset)) for each in measures)

    def _crosses(self, scope: Scope, origin: Origin) -> bool:
        crossed = crossed_by(origin, self._breaks, self._dataset, scope.reference)
        self.crossed += [(each, figure.measure) for figure, each in crossed]
        return bool(crossed)


def crossed_by(origin: Origin, breaks: Breaks, dataset: str, known: Reference) -> list[tuple[Of, Break]]:
    """The breaks that a change lies across, each with the figure that changed; none of what is no change."""
    if not isinstance(origin, Change | PercentChange):
        return []
    now, *others = figures(origin)
    on = Bearing(known.measures.resolve(now.measure), now.area, dataset)
    return [(now, each) for each in breaks.crossed(on, [each.window for each in (now, *others)])]


def _lines(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Each line as it stands in the rows, and with what its row says besides."""
    for row in rows:
        nested = next((value for value in row.values() if isinstance(value, list)), None)
        yield from ((line, {**row, **line}) for line in nested) if nested is not None else [(row, row)]


def _blank(line: dict[str, Any], column: str) -> None:
    line[column] = None
    name = next((column.removesuffix(each) for each in _COLUMNS if column.endswith(each)), column)
    line.update({name + said: _UNKNOWN for said in _SAID if name + said in line})
