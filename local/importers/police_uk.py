"""Files of data.police.uk: which kind a file is, what it holds, and its rows as elements."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from local.errors import LocalError
from local.importers import outcomes, stop_search, street
from local.importers.elements import Element, Kept, RowRefused, refusal_of
from local.importers.ledger import Ledger
from local.importers.outcomes import read_outcome
from local.importers.sources import Rows
from local.importers.stop_search import StopRows
from local.importers.street import StreetRows
from local.posting.items import Item
from shared.events import Call, Crime, Stop
from shared.reference import Reference, UnknownValue

Row = Mapping[str, str]
Shape = Literal["street", "outcomes", "stop-and-search"]
_COLUMNS: dict[Shape, tuple[str, ...]] = {
    "street": street.COLUMNS,
    "outcomes": outcomes.COLUMNS,
    "stop-and-search": stop_search.COLUMNS,
}
_KINDS: dict[type[Crime | Call | Stop], str] = {Crime: "crimes", Call: "calls", Stop: "stops"}
_MONTH_OF: dict[Shape, Callable[[Row], str]] = {
    "street": street.month_of,
    "outcomes": street.month_of,
    "stop-and-search": stop_search.month_of,
}


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds, seen before anything of it is posted.

    `outside`: rows that are kept under the area `unknown` because their district is not London's, by its name.
    `places`: (month, force) of a street file. `refused`: its rows that cannot become records.
    """

    shape: Shape
    rows: int
    months: frozenset[str]
    outside: Mapping[str, int]
    places: frozenset[tuple[str, str]] = frozenset()
    refused: int = 0

    @property
    def covers(self) -> frozenset[tuple[str, str]]:
        """The places of which it has every row: none where some are refused, for they may be what seems to lack."""
        return frozenset() if self.refused else self.places


def shape_of(header: list[str]) -> Shape:
    """Told by the columns; LocalError if they are of no file of data.police.uk."""
    for shape, columns in _COLUMNS.items():
        if set(columns) <= set(header):
            return shape
    expected = "; ".join(f"{shape}: {', '.join(columns)}" for shape, columns in _COLUMNS.items())
    raise LocalError(
        "this is neither a street nor a stop-and-search file of data.police.uk, nor one of outcomes; "
        f"expected these columns: {expected}"
    )


def survey(rows: Rows, reference: Reference) -> Survey:
    """Look through the rows of a file."""
    header = next(rows, (0, []))[1]
    shape = shape_of(header)
    boroughs = {area.name for area in reference.areas if area.kind == "borough"} | {""}
    months, places = set[str](), set[tuple[str, str]]()
    outside = Counter[str]()
    count = refused = 0
    for count, (_line, fields) in enumerate(rows, 1):  # noqa: B007 # the last one is how many there are
        try:
            row = _row(header, fields)
            months.add(month := _MONTH_OF[shape](row))
            if shape == "street":
                reference.police_uk_crime_types.resolve(row["Crime type"])
        except (RowRefused, UnknownValue):
            refused += 1  # told when its turn comes to be imported
            continue
        if shape == "street":
            places.add((month, street.force_of(row)))
            if (district := street.district_of(row)) not in boroughs:
                outside[district] += 1
    return Survey(shape, count, frozenset(months), outside, frozenset(places), refused)


class Reading:
    """How files are read: with which reference data and ledger, at which revision, into which dataset."""

    def __init__(self, reference: Reference, revision: int, dataset: str, ledger: Ledger) -> None:
        self._reference, self._revision, self._dataset, self._ledger = reference, revision, dataset, ledger
        self._encode = msgspec.json.Encoder().encode

    def elements(self, rows: Rows, name: str) -> Iterator[Element]:
        """One element for each row of a file."""
        header = next(rows, (0, []))[1]
        take = self._taker(shape_of(header))
        for line, fields in rows:
            place = f"{name} line {line}"
            try:
                yield take(_row(header, fields), place)
            except (RowRefused, UnknownValue) as refused:
                yield refusal_of(refused, place)

    def _taker(self, shape: Shape) -> Callable[[Row, str], Element]:
        if shape == "outcomes":
            return self._outcome
        if shape == "street":
            return self._record_of(StreetRows(self._reference, self._revision, self._dataset, self._ledger).record)
        return self._record_of(StopRows(self._revision, self._dataset).record)

    def _record_of(self, read: Callable[[Row], Crime | Call | Stop]) -> Callable[[Row, str], Item]:
        def take(row: Row, place: str) -> Item:
            record = read(row)
            return Item(_KINDS[type(record)], self._encode(record), place)

        return take

    def _outcome(self, row: Row, _place: str) -> Kept:
        crime, known = read_outcome(row, street.month_of(row), self._revision, self._reference)
        self._ledger.keep_outcome(crime, known)
        return Kept("outcomes")


def _row(header: list[str], fields: list[str]) -> Row:
    if len(fields) != len(header):
        raise RowRefused("row", f"it has {len(fields)} fields where the header has {len(header)}")
    return dict(zip(header, fields, strict=True))
