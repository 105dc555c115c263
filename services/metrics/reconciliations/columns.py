"""Which column of a table a printed heading means. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.metrics.reconciliations.numbers import is_number
from services.metrics.reconciliations.spans import named_span
from services.metrics.tables.cells import DIMENSIONS
from services.metrics.tables.parts import Part
from shared.errors import FieldError, Invalid

_FIGURES = {"value", "change", "percent"}
_NAMES = ("name", "title", *DIMENSIONS)
_ALSO = {
    "borough": "name",
    "boroughs": "name",
    "local authority": "name",
    "gss code": "area",
    "crime category": "title",
    "crime type": "title",
    "category": "title",
    "offence": "title",
    "measure": "title",
    "indicator": "title",
    "percentage change": "percent_change",
    "percent change": "percent_change",
    "% change": "percent_change",
}
Printout = Sequence[Mapping[str, str]]


class Columns(NamedTuple):
    """Of each heading, the column that it means: `names` tell rows apart, `figures` are compared, `others` are not."""

    names: dict[str, str]
    figures: dict[str, str]
    others: list[str]


def columns(rows: Printout, parts: Sequence[Part], given: Mapping[str, str]) -> Columns:
    """What the headings mean, by what the caller says, their words, the period they name, or being the only one left.

    Raises Invalid for a heading that is given a column which there is not, for two of one column, where nothing
    names the rows or nothing is left to compare, and where all periods that are named are others than the table's.
    """
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    keys = {column.key: column.title for part in parts for column in part.columns}
    figures = {column.key for part in parts for column in part.columns if column.form in _FIGURES}
    known = {heading: _given(heading, given, keys) or _meant(heading, keys, parts) for heading in headings}
    _refuse_other_periods(known, parts)
    known |= _only_one_left(rows, known, parts)
    _refuse_twice(known)
    found = Columns(
        {heading: key for heading, key in known.items() if key in _NAMES and key not in figures},
        {heading: key for heading, key in known.items() if key in figures},
        [heading for heading, key in known.items() if key not in figures and key not in _NAMES],
    )
    _refuse_nothing(found, figures)
    return found


def plain(text: str) -> str:
    """Headings are compared without case, and with spaces for whatever separates their words."""
    return " ".join(re.findall(r"[a-z0-9]+|%", text.casefold()))


def _given(heading: str, given: Mapping[str, str], keys: Mapping[str, str]) -> str | None:
    key = given.get(heading)
    if key is not None and key not in keys and key not in _NAMES:
        known = ", ".join(dict.fromkeys([*keys, *_NAMES]))
        raise _refused("columns", f"{heading!r} cannot be {key!r}: the table has no such column; it has {known}")
    return key


def _meant(heading: str, keys: Mapping[str, str], parts: Sequence[Part]) -> str | None:
    words = plain(heading)
    by_key = {plain(key): key for key in (*_NAMES, *keys)}
    titles = [plain(title) for title in keys.values()]
    # Where several comparisons stand side by side, `change` is the title of none of them alone.
    by_title = {plain(title): key for key, title in keys.items() if titles.count(plain(title)) == 1}
    return by_key.get(words) or by_title.get(words) or _ALSO.get(words) or _of_period(words, parts)


def _of_period(words: str, parts: Sequence[Part]) -> str | None:
    """`jul 2015 to jun 2016` is the column of that window."""
    span = named_span(words)
    return next((name for part in parts for name, window in part.windows.items() if window == span), None)


def _refuse_other_periods(known: Mapping[str, str | None], parts: Sequence[Part]) -> None:
    """Changes are printed under no days of their own: they would be compared with those between others."""
    dated = [heading for heading in known if named_span(plain(heading))]
    if dated and not any(known[heading] for heading in dated):
        windows = "; ".join(f"{window.first} to {window.last}" for part in parts for window in part.windows.values())
        raise _refused("end", f"the table's days are {windows or 'its own'}; {dated[0]!r} are others; give their 'end'")


def _only_one_left(rows: Printout, known: Mapping[str, str | None], parts: Sequence[Part]) -> dict[str, str]:
    """A table with one figure a row needs no name for it."""
    values = {column.key for part in parts for column in part.columns if column.form == "value"} - set(known.values())
    unnamed = [heading for heading, key in known.items() if key is None and not named_span(plain(heading))]
    numeric = [heading for heading in unnamed if _is_numeric(rows, heading)]
    return dict(zip(numeric, values, strict=True)) if len(numeric) == len(values) == 1 else {}


def _is_numeric(rows: Printout, heading: str) -> bool:
    cells = [row[heading] for row in rows if row.get(heading, "").strip()]
    return bool(cells) and all(map(is_number, cells))


def _refuse_twice(known: Mapping[str, str | None]) -> None:
    by_key: dict[str, str] = {}
    for heading, key in known.items():
        if key is not None and key in by_key:
            raise _refused("columns", f"{by_key[key]!r} and {heading!r} are both {key!r}; say which column each is")
        if key is not None:
            by_key[key] = heading


def _refuse_nothing(found: Columns, figures: set[str]) -> None:
    if not found.names:
        raise _refused("rows", f"no heading names the rows; call one of them {', '.join(_NAMES)}")
    if not found.figures:
        raise _refused("rows", f"no heading names a figure of the table; call them {', '.join(sorted(figures))}")


def _refused(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", errors=[FieldError(field, message)])
