"""The London Datastore's monthly recorded crime by class and borough: rows of classes, a column for each month.

The newer file of the crime dashboard, a row for each month, is read by `datastore_long`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from local.errors import LocalError
from local.importers.elements import Element, Refusal, RowRefused, refusal_of
from local.importers.sources import Rows
from local.posting.items import Item
from shared.errors import FieldError
from shared.events import CrimeCount
from shared.reference import Reference, UnknownValue

KIND = "crime-counts"
_MONTH = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])")
_OFFENCE = ("minortext", "minorclassdescription", "minorcategory", "offencesubgroup", "subgroup")
_AREA = ("lookupboroughname", "boroughname", "borough", "areaname")
_FORMS = "expected the columns MinorText, LookUp_BoroughName or BoroughName, and months such as 201706"

Cell = tuple[str, str, str]
"""Area id, offence id, month (YYYY-MM)."""


class Header(NamedTuple):
    """Where the columns stand: `months` gives (column, YYYY-MM)."""

    offence: int
    area: int
    months: list[tuple[int, str]]
    width: int


@dataclass(slots=True)
class Table:
    """The counts of a file by area, offence and month, the cells that cannot be counted, and those that are blank.

    `left_out`: rows that say something else, by what.
    """

    months: list[str]
    rows: int = 0
    counts: Counter[Cell] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    blank: set[Cell] = field(default_factory=set)

    def months_with_figures(self) -> set[str]:
        """A month whose every cell is blank is as good as missing."""
        return {month for _area, _offence, month in self.counts}

    def places(self) -> set[tuple[str, str]]:
        """(area, month) of which there is a figure."""
        return {(area, month) for area, _offence, month in self.counts}


def read_header(fields: Sequence[str]) -> Header:
    """Find the columns by the names that the publisher has used over time; LocalError says what is missing."""
    names = plain(fields)
    offence, area = find(names, _OFFENCE), find(names, _AREA)
    matches = [(column, _MONTH.fullmatch(field.strip())) for column, field in enumerate(fields)]
    months = [(column, f"{match[1]}-{match[2]}") for column, match in matches if match]
    if offence is None or area is None or not months:
        raise LocalError(f"this is not a monthly file of the London Datastore: {_FORMS}; found {list(fields)[:8]}")
    twice = [month for month, times in Counter(month for _, month in months).items() if times > 1]
    if twice:
        raise LocalError(f"the month {twice[0]} has two columns")
    return Header(offence, area, months, len(fields))


def plain(fields: Sequence[str]) -> list[str]:
    """Column names in their letters alone, lower case."""
    return [re.sub(r"[^a-z]", "", field.casefold()) for field in fields]


def find(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def read_table(rows: Rows, reference: Reference) -> Table:
    """Add up the cells of a file.

    Several rows may resolve to one area and class (older classes are aliases of today's; files by ward): they are
    added, since a count posted for the same area, class and month would replace the other. A blank cell is no
    figure, and is left out; a zero is one. Raises LocalError if there is no header.
    """
    header = read_header(next(rows, (0, []))[1])
    table = Table([month for _, month in header.months])
    for line, row in rows:
        table.rows += 1
        _add_row(table, header, row, f"line {line}", reference)
    return table


def _add_row(table: Table, header: Header, row: list[str], place: str, reference: Reference) -> None:
    try:
        _check_width(header, row)
        area, offence = terms(header.area, header.offence, row, reference)
    except (RowRefused, UnknownValue) as refused:
        table.refusals.append(refusal_of(refused, place, len(header.months)))
        return
    for column, month in header.months:
        add_cell(table, (area, offence, month), row[column], place)


def _check_width(header: Header, row: Sequence[str]) -> None:
    # Cut off, or with a comma or a quotation mark too many: its figures may not be what they seem.
    if len(row) <= header.months[-1][0] or any(text.strip() for text in row[header.width :]):
        raise RowRefused("record", f"the row has {len(row)} fields where the header has {header.width}")


def terms(area_column: int, offence_column: int, row: Sequence[str], reference: Reference) -> tuple[str, str]:
    """Ids of the row's area and offence; raises RowRefused or UnknownValue."""
    if len(row) <= max(area_column, offence_column):
        raise RowRefused("record", "the row is too short")
    offence = reference.offences.resolve(row[offence_column])
    area = reference.areas.resolve(row[area_column])
    if area.is_region:
        raise RowRefused("area", f"{area.name} as a whole would count every crime twice")
    return area.id, offence.id


def add_cell(table: Table, cell: Cell, text: str, place: str) -> None:
    """Add what stands in a cell: a whole number, nothing, or what is refused."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        table.counts[cell] += int(text)
    elif text:
        error = FieldError("count", f"{text[:40]!r} is not a whole number")
        table.refusals.append(Refusal((error,), f"{place}, {cell[2]}"))
    else:
        table.blank.add(cell)


def elements(table: Table, revision: int, dataset: str, name: str) -> Iterator[Element]:
    """An item for every count, zeros included (one that falls to zero must correct the earlier), and the refusals."""
    encode = msgspec.json.Encoder().encode
    for (area, offence, month), count in table.counts.items():
        record = CrimeCount(area=area, offence=offence, month=month, count=count, revision=revision, dataset=dataset)
        yield Item(KIND, encode(record), f"{name}: {area} {offence} {month}")
    for refusal in table.refusals:
        yield refusal._replace(place=f"{name} {refusal.place}")
