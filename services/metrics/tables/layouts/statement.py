"""Lines of posted money as they are printed: figures, variances in words, printed totals against their parts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from services.metrics.periods import Window, window_ending
from services.metrics.tables.exact import Number, difference, total
from services.metrics.tables.layouts.naming import Undeclared, indicators_named
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.layouts.sums import against_parts
from services.metrics.tables.layouts.variances import Nature, in_words
from services.metrics.tables.origins import Less, Origins, PostedFigure
from services.metrics.tables.parts import Column, Difference, Found, Part, Scope
from services.metrics.tables.posted import Posted, status_of, value_of
from shared.events import Indicator
from shared.reference import Reference

Names = str | tuple[str, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`line` is the value of each breakdown, in their order; a printed total names the lines that it is `total_of`."""

    line: Names
    nature: Nature
    total_of: tuple[Names, ...] = ()


class Amount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column: what was posted of `measure`, or the variance of one column, `of`, from another, `against`."""

    key: str
    title: str
    measure: str = ""
    of: str = ""
    against: str = ""


class Statement(Section, frozen=True, kw_only=True, tag="statement"):
    """Posted figures by `breakdown`, a row a line; lines that are posted and not declared follow, unclassified.

    `tolerance` is what rounding may make of a total's difference from its parts.
    """

    breakdown: tuple[str, ...]
    columns: tuple[Amount, ...]
    lines: tuple[Line, ...]
    tolerance: Number

    def check(self, known: Reference) -> None:
        indicators_named(known, {f"columns {each.key}": each.measure for each in self._posted_columns()})
        keys = {each.key for each in self._posted_columns()}
        for each in self.columns:
            if not each.measure and not {each.of, each.against} <= keys:
                raise Undeclared(f"columns {each.key}: a variance is 'of' one column of a measure, 'against' another")
        self._check_lines()

    def _check_lines(self) -> None:
        lines = [_names(each.line) for each in self.lines]
        for line in lines:
            if len(line) != len(self.breakdown) or lines.count(line) > 1:
                raise Undeclared(f"lines: {line} is not one line, once, by {', '.join(self.breakdown)}")
        for each in self.lines:
            for part in map(_names, each.total_of):
                if part not in lines:
                    raise Undeclared(f"lines {each.line!r}: total_of: no line {part} is declared")

    def posted(self, known: Reference) -> list[str]:
        del known
        return [each.measure for each in self._posted_columns()]

    def render(self, scope: Scope, found: Found) -> Part:
        window = window_ending("fytd", scope.end)
        rows = {names: self._row(names, scope, found.posted, window) for names in self._names(scope, found.posted)}
        differences = list(self.sums(list(rows.values())))
        return Part(
            columns=list(self._shown(scope.reference)),
            rows=list(rows.values()),
            windows={"current": window},
            differences=[each for each in differences if each.difference],
            checked=len(differences),
            measures=[each.measure for each in self._posted_columns()],
        )

    def _posted_columns(self) -> list[Amount]:
        return [each for each in self.columns if each.measure]

    def _names(self, scope: Scope, posted: Posted) -> list[tuple[str, ...]]:
        declared = [_names(each.line) for each in self.lines]
        found = [
            tuple(each[name] for name in self.breakdown)
            for column in self._posted_columns()
            for each in posted.breakdowns(column.measure, scope.area.id, self.breakdown)
        ]
        return list(dict.fromkeys([*declared, *found]))

    def _row(self, names: tuple[str, ...], scope: Scope, posted: Posted, window: Window) -> dict[str, Any]:
        by = dict(zip(self.breakdown, names, strict=True))
        line = next((each for each in self.lines if _names(each.line) == names), None)
        figures = {each.key: posted.at(each.measure, scope.area.id, window, by) for each in self._posted_columns()}
        row: dict[str, Any] = {**by, "nature": line.nature if line else None, "total": bool(line and line.total_of)}
        for each in self.columns:
            row |= self._cell(each, figures, line)
        return row | {"status": status_of(figures.values())}

    def _cell(self, column: Amount, figures: Mapping[str, Indicator | None], line: Line | None) -> dict[str, Any]:
        if column.measure:
            return {column.key: value_of(figures[column.key])}
        variance = difference(value_of(figures[column.of]), value_of(figures[column.against]))
        return {column.key: variance, f"{column.key}_in_words": in_words(variance, line.nature if line else None)}

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        window, by = window_ending("fytd", scope.end), {name: line[name] for name in self.breakdown}
        posted = {
            each.key: PostedFigure(each.measure, found.posted.at(each.measure, scope.area.id, window, by))
            for each in self._posted_columns()
        }
        variances = {each.key: Less(posted[each.of], posted[each.against]) for each in self.columns if not each.measure}
        return posted | variances

    def sums(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
        by_names = {tuple(row[name] for name in self.breakdown): row for row in rows}
        for line in self.lines:
            for column in self._posted_columns() if line.total_of else ():
                printed = by_names[_names(line.line)][column.key]
                computed = total(by_names[_names(part)][column.key] for part in line.total_of)
                place = f"{_names(line.line)[-1]}, {column.title.lower()}"
                if (found := against_parts(place, printed, computed, self.tolerance)) is not None:
                    yield found

    def _shown(self, known: Reference) -> Iterator[Column]:
        yield from (Column(name, name.capitalize(), "text") for name in self.breakdown)
        units = {each.key: known.measures.resolve(each.measure).unit for each in self._posted_columns()}
        for each in self.columns:
            unit = units[each.key if each.measure else each.of]
            if each.measure:
                yield Column(each.key, each.title, "value", unit, each.measure)
            else:
                yield Column(each.key, each.title, "change", unit)
                yield Column(f"{each.key}_in_words", f"{each.title}, in words", "verdict")
        yield Column("status", "Data", "status")


def _names(line: Names) -> tuple[str, ...]:
    return (line,) if isinstance(line, str) else line
