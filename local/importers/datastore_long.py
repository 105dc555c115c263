"""The crime dashboard's file on the London Datastore: a row for each month, area, class and measure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from local.importers.datastore import Table, add_cell, find, plain, read_table, terms
from local.importers.elements import RowRefused, refusal_of
from local.importers.sources import Rows
from shared.reference import Reference, UnknownValue

_MONTH = ("monthyear",)
_COUNT = ("count",)
_AREA = ("boroughsnt", "areaname")
_OFFENCE = ("offencesubgroup", "crimesubtype")
_GROUP = ("offencegroup", "crimetype")
_DATE = re.compile(r"(?P<y>\d{4})-(?P<m>0[1-9]|1[0-2])-01(?:[ T]00:00:00.*)?|0?1/(?P<uk>0?[1-9]|1[0-2])/(?P<uky>\d{4})")
# The publisher: these are not notifiable, and must be left out of a total of notifiable offences.
_NOT_NOTIFIABLE = ("otheracceptedcrime", "nonnotifiable")


class _Header(NamedTuple):
    """Where the columns stand."""

    month: int
    figure: int
    area: int
    offence: int
    group: int | None
    area_type: int | None
    measure: int | None


def read_any_table(rows: Rows, reference: Reference) -> Table:
    """Read a file of either form; LocalError, saying what is expected, if it is of neither."""
    line, fields = next(rows, (0, []))
    header = _header(fields)
    if header is None:
        return read_table(_again(line, fields, rows), reference)
    table, months = Table([]), set[str]()
    for number, row in rows:
        table.rows += 1
        _add_row(table, months, header, row, f"line {number}", reference)
    table.months = sorted(months)
    return table


def _again(line: int, fields: list[str], rows: Rows) -> Rows:
    yield line, fields
    yield from rows


def _header(fields: Sequence[str]) -> _Header | None:
    names = plain(fields)
    needed = [find(names, wanted) for wanted in (_MONTH, _COUNT, _AREA, _OFFENCE)]
    if any(column is None for column in needed):
        return None
    month, count, area, offence = (column for column in needed if column is not None)
    return _Header(
        month, count, area, offence, find(names, _GROUP), find(names, ("areatype",)), find(names, ("measure",))
    )


def _add_row(table: Table, months: set[str], header: _Header, row: list[str], place: str, reference: Reference) -> None:
    try:
        if why := _left_out(header, row):
            table.left_out[why] += 1
            return
        month = _month(row[header.month])
        area, offence = terms(header.area, header.offence, row, reference)
    except (RowRefused, UnknownValue) as refused:
        table.refusals.append(refusal_of(refused, place))
        return
    months.add(month)
    add_cell(table, (area, offence, month), row[header.figure], place)


def _left_out(header: _Header, row: Sequence[str]) -> str | None:
    """Why a row is no borough's recorded crime: neighbourhoods' rows would count every crime twice.

    Raises RowRefused for a row that ends before a column that is needed.
    """
    if len(row) <= max(column for column in header if column is not None):
        raise RowRefused("record", "the row is too short")
    if header.area_type is not None and row[header.area_type].strip().casefold() != "borough":
        return row[header.area_type].strip()
    if header.measure is not None and row[header.measure].strip().casefold() != "offences":
        return row[header.measure].strip()
    classes = [column for column in (header.group, header.offence) if column is not None]
    if any(each in _NOT_NOTIFIABLE for each in plain([row[column] for column in classes])):
        return "not notifiable"
    return None


def _month(text: str) -> str:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise RowRefused(
            "month", f"{text[:40]!r} is not the first of a month, as in 2023-04-01 or 01/04/2023", text[:40]
        )
    return f"{match['y']}-{match['m']}" if match["y"] else f"{match['uky']}-{int(match['uk']):02d}"
