"""The London Datastore's monthly recorded crime by class and borough: rows of classes, a column for each month."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from local.errors import LocalError
from local.importers.sources import Rows
from local.posting.rejections import Rejections
from shared.events import CrimeCount
from shared.reference import Reference, UnknownValue

KIND = "crime-counts"
_MONTH = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])")
_OFFENCE = ("minortext", "minorclassdescription", "minorcategory", "offencesubgroup")
_AREA = ("lookupboroughname", "boroughname", "borough", "areaname")
_FORMS = "expected the columns MinorText, LookUp_BoroughName or BoroughName, and months such as 201706"

Cell = tuple[str, str, str]
"""Area id, offence id, month (YYYY-MM)."""


class Header(NamedTuple):
    """Where the columns stand: `months` gives (column, YYYY-MM)."""

    offence: int
    area: int
    months: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """The counts of a file by area, offence and month, and the cells that cannot be counted."""

    months: list[str]
    counts: Counter[Cell]
    rejections: Rejections


def read_header(fields: Sequence[str]) -> Header:
    """Find the columns by the names that the publisher has used over time; LocalError says what is missing."""
    names = [re.sub(r"[^a-z]", "", field.casefold()) for field in fields]
    offence, area = _find(names, _OFFENCE), _find(names, _AREA)
    matches = [(column, _MONTH.fullmatch(field.strip())) for column, field in enumerate(fields)]
    months = [(column, f"{match[1]}-{match[2]}") for column, match in matches if match]
    if offence is None or area is None or not months:
        raise LocalError(f"this is not a monthly file of the London Datastore: {_FORMS}; found {list(fields)[:8]}")
    twice = [month for month, times in Counter(month for _, month in months).items() if times > 1]
    if twice:
        raise LocalError(f"the month {twice[0]} has two columns")
    return Header(offence, area, months)


def _find(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def read_table(rows: Rows, reference: Reference) -> Table:
    """Add up the cells of a file.

    Several rows may resolve to one area and class (older classes are aliases of today's; files by ward): they are
    added, since a count posted for the same area, class and month would replace the other. A blank cell is no
    figure, and is left out; a zero is one. Raises LocalError if there is no header.
    """
    header = read_header(next(rows, (0, []))[1])
    table = Table([month for _, month in header.months], Counter(), Rejections())
    for line, row in rows:
        _add_row(table, header, row, f"line {line}", reference)
    return table


def _add_row(table: Table, header: Header, row: list[str], place: str, reference: Reference) -> None:
    if len(row) <= max(header.area, header.offence):
        table.rejections.add(["record: the row is too short"], place, len(header.months))
        return
    try:
        offence = reference.offences.resolve(row[header.offence]).id
        area = reference.areas.resolve(row[header.area])
    except UnknownValue as unknown:
        table.rejections.add([f"{unknown.kind}: {unknown}"], place, len(header.months))
        return
    if area.is_region:
        reason = f"area: {area.name} as a whole would count every crime twice"
        table.rejections.add([reason], place, len(header.months))
        return
    for column, month in header.months:
        _add_cell(table, (area.id, offence, month), row[column] if column < len(row) else "", place)


def _add_cell(table: Table, cell: Cell, text: str, place: str) -> None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        table.counts[cell] += int(text)
    elif text:
        table.rejections.add([f"count: {text[:40]!r} is not a whole number"], f"{place}, {cell[2]}")


def events(table: Table, revision: int, dataset: str) -> Iterator[tuple[str, bytes]]:
    """(kind, JSON) of every count, zeros included: a count that falls to zero must correct the earlier one."""
    encode = msgspec.json.Encoder().encode
    for (area, offence, month), count in table.counts.items():
        record = CrimeCount(area=area, offence=offence, month=month, count=count, revision=revision, dataset=dataset)
        yield KIND, encode(record)
