"""Files of data.police.uk: which kind a file is, what it holds, and its rows as records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from local.errors import LocalError
from local.importers import stop_search, street
from local.importers.sources import Rows
from local.importers.stop_search import StopRows
from local.importers.street import RowRefused, StreetRows
from local.posting.rejections import Rejections
from shared.events import Call, Crime, Stop
from shared.reference import Reference, UnknownValue

Row = Mapping[str, str]
_KINDS: dict[type[Crime | Call | Stop], str] = {Crime: "crimes", Call: "calls", Stop: "stops"}
_MONTH_OF: dict[str, Callable[[Row], str]] = {"street": street.month_of, "stop-and-search": stop_search.month_of}


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds, seen before anything of it is posted. `latest_month` is empty where no row has one."""

    shape: str
    rows: int
    latest_month: str


def shape_of(header: list[str]) -> str:
    """`street` or `stop-and-search`; LocalError if the header is neither's."""
    if set(street.COLUMNS) <= set(header):
        return "street"
    if set(stop_search.COLUMNS) <= set(header):
        return "stop-and-search"
    raise LocalError(
        "this is neither a street nor a stop-and-search file of data.police.uk: "
        f"expected the columns {', '.join(street.COLUMNS)}, or {', '.join(stop_search.COLUMNS)}"
    )


def survey(rows: Rows) -> Survey:
    """Look through the rows of a file."""
    header = next(rows, (0, []))[1]
    shape = shape_of(header)
    count, latest = 0, ""
    for _line, fields in rows:
        count += 1
        try:
            latest = max(latest, _MONTH_OF[shape](_row(header, fields)))
        except RowRefused:
            continue  # told when its turn comes to be imported
    return Survey(shape, count, latest)


class Reading:
    """One pass over a file: its records, and after that its rejections and the rows outside London."""

    def __init__(self, reference: Reference, revision: int, dataset: str) -> None:
        self.rejections = Rejections()
        self._street = StreetRows(reference, revision, dataset)
        self._stops = StopRows(revision, dataset)
        self._encode = msgspec.json.Encoder().encode

    @property
    def outside(self) -> Mapping[str, int]:
        """Rows kept under the area `unknown` because their district is not London's, by its name."""
        return self._street.outside

    def items(self, rows: Rows, name: str) -> Iterator[tuple[str, bytes]]:
        """(kind, JSON record) of each row that can become one."""
        header = next(rows, (0, []))[1]
        read = self._street.record if shape_of(header) == "street" else self._stops.record
        for line, fields in rows:
            try:
                record = read(_row(header, fields))
            except (RowRefused, UnknownValue) as refused:
                self.rejections.add([str(refused)], f"{name} line {line}")
            else:
                yield _KINDS[type(record)], self._encode(record)


def _row(header: list[str], fields: list[str]) -> Row:
    if len(fields) != len(header):
        raise RowRefused(f"row: it has {len(fields)} fields where the header has {len(header)}")
    return dict(zip(header, fields, strict=True))
