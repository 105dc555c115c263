"""A printed table against the computed one, difference by difference. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from services.metrics.reconciliations.changes import changes
from services.metrics.reconciliations.columns import Columns, Printout, columns
from services.metrics.reconciliations.numbers import Printed, printed, rounds_to
from services.metrics.reconciliations.rows import Rows
from services.metrics.tables.answers import Answer
from services.metrics.tables.cells import Name, Row, is_figure, lines, name_of, title_of
from services.metrics.tables.exact import difference
from services.metrics.tables.layouts import AnySection
from services.metrics.tables.parts import Difference, Part, is_suppressed
from shared.errors import FieldError, Invalid
from shared.reference import Reference

Cells = dict[str, Printed]
Sections = Sequence[tuple[AnySection, Part]]


class _Match(NamedTuple):
    """A line of the table, and what is printed of it, by column."""

    line: dict[str, Any]
    cells: Cells


def reconcile(
    rows: Printout, answer: Answer, sections: Sections, given: Mapping[str, str], known: Reference
) -> dict[str, Any]:
    """What is printed in `rows` against `sections` of a filled table; `given` says what headings mean.

    `{columns, not_compared, compared, differences, sums_checked, sums, only_printed, only_computed}`. A difference is
    what is computed less what is printed; nothing is mended. Raises Invalid, naming row and heading.
    """
    meant = columns(rows, [part for _, part in sections], given)
    computed = [line for section, part in sections for line in _lines_of(answer, section, part)]
    matched, only_printed = _matched(rows, meant, Rows(computed, answer.scope.area, known))
    if not matched:
        raise _refused("rows", f"none is a row of the table; its rows are {'; '.join(map(title_of, computed[:5]))} ...")
    compared = [_compared(match, column) for match in matched.values() for column in match.cells]
    checked = [
        each for section, part in sections for each in _sums(section, _as_printed(answer, section, part, matched))
    ]
    return {
        "columns": {**meant.names, **meant.figures},
        "not_compared": meant.others,
        "compared": len(compared),
        "differences": [each for each in compared if each["printed"] != each["computed"]],
        "sums_checked": len(checked),
        "sums": [each.described() for each in checked if each.difference],
        "only_printed": only_printed,
        "only_computed": [_named(line) for line in computed if name_of(line) not in matched],
    }


def _lines_of(answer: Answer, section: AnySection, part: Part) -> Iterator[dict[str, Any]]:
    several = len(answer.parts) > 1
    yield from ({"section": section.id, **line} if several else line for line in lines(part.rows))


def _matched(rows: Printout, meant: Columns, computed: Rows) -> tuple[dict[Name, _Match], list[dict[str, Any]]]:
    matched: dict[Name, _Match] = {}
    places: dict[Name, int] = {}
    only_printed = []
    for number, row in enumerate(rows):
        names = {key: row.get(heading, "") for heading, key in meant.names.items()}
        line = computed.meant(names, f"rows[{number}]")
        if line is None:
            only_printed.append({"row": number, **{name: text for name, text in row.items() if text}})
            continue
        name = name_of(line)
        if name in matched:
            raise _refused(f"rows[{number}]", f"is {title_of(line)}, as rows[{places[name]}] is; print each row once")
        matched[name], places[name] = _Match(line, _cells(row, meant, number)), number
    return matched, only_printed


def _cells(row: Mapping[str, str], meant: Columns, number: int) -> Cells:
    found: Cells = {}
    for heading, key in meant.figures.items():
        try:
            cell = printed(row.get(heading, ""))
        except ValueError as error:
            raise _refused(f"rows[{number}].{heading}", str(error)) from error
        if cell is not None:
            found[key] = cell
    return found


def _compared(match: _Match, column: str) -> dict[str, Any]:
    """A printed figure and the computed one; null, with the reason in `status`, where none is known."""
    cell, value = match.cells[column], match.line.get(column)
    known = value if is_figure(value) else None
    apart = difference(known, cell.value)
    return {
        **_named(match.line),
        "column": column,
        "printed": cell.value,
        "computed": known,
        "difference": apart,
        "rounding": bool(apart) and known is not None and rounds_to(known, cell),
        "status": "suppressed" if is_suppressed(match.line, column) else match.line.get("status"),
    }


def _sums(section: AnySection, rows: Sequence[Row]) -> Iterator[Difference]:
    yield from section.sums(rows)
    yield from changes(section, rows)


def _as_printed(
    answer: Answer, section: AnySection, part: Part, matched: Mapping[Name, _Match]
) -> list[dict[str, Any]]:
    """The section's lines with their printed figures in the place of the computed ones."""
    figures = {column.key for column in part.columns if column.form in ("value", "change", "percent")}
    found = []
    for line in _lines_of(answer, section, part):
        match = matched.get(name_of(line))
        cells = match.cells if match else {}
        found.append({**line, **{key: cells[key].value if key in cells else None for key in figures}})
    return found


def _named(line: Row) -> dict[str, Any]:
    return {**dict(name_of(line)), "title": title_of(line)}


def _refused(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", errors=[FieldError(field, message)])
