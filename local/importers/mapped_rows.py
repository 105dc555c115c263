"""Rows of any CSV file as records, by a mapping."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from local.errors import LocalError
from local.importers.elements import Element, Kept, RowRefused, refusal_of
from local.importers.identity import Places, digest
from local.importers.mapping import ID_FIELDS, FieldRule, MappingFile
from local.importers.sources import Rows
from local.posting.items import Item
from shared.clock import LONDON
from shared.events import Call, Crime, CrimeCount, Indicator, Record, Stop
from shared.events.periods import parse_period

_MOMENTS = ("received_at", "stopped_at")
_LISTS = ("flags",)
_NUMBERS_OR_WORDS = ("age", "victim.age")
_BOOLEANS = ("linked", "section_60", "handcuffed", "abandoned", "repeat_caller")
_TRUTHS = {"true": True, "yes": True, "y": True, "t": True, "false": False, "no": False, "n": False, "f": False}
_MISSING = re.compile(r"missing required field `(\w+)`")
_DAYS = ("%d", "%j", "%x", "%c")


class MappedRows:
    """Turns the rows of one file into records of `dataset`, each with `revision`."""

    def __init__(self, mapping: MappingFile, revision: int, dataset: str) -> None:
        self._mapping, self._revision, self._dataset = mapping, revision, dataset
        self._blank = {"", *mapping.blank}
        self._id_field = ID_FIELDS.get(mapping.kind)
        self._places, self._seen = Places(), dict[str, int]()
        self._encode = msgspec.json.Encoder().encode

    def elements(self, rows: Rows, name: str) -> Iterator[Element]:
        """One element for each row; LocalError if a column of the mapping is missing."""
        header = header_of(rows, self._mapping)
        for line, fields in rows:
            place = f"{name} line {line}"
            try:
                row = _row(header, fields)
                yield self._item(row, line, place) if self._is_wanted(row) else Kept("rows left out")
            except RowRefused as refused:
                yield refusal_of(refused, place)

    def _is_wanted(self, row: Mapping[str, str]) -> bool:
        return all(row[column].strip() in words for column, words in self._mapping.where.items())

    def _item(self, row: Mapping[str, str], line: int, place: str) -> Item:
        return Item(self._mapping.kind, self._encode(self.record(row, line)), place)

    def record(self, row: Mapping[str, str], line: int) -> Record:
        """The record of a row; raises RowRefused, naming the field and what would be right."""
        found: dict[str, Any] = {"revision": self._revision, "dataset": self._dataset}
        for name, rule in self._mapping.fields.items():
            value = self._value(name, rule, row)
            if value is not None:
                _put(found, name, value)
        if self._mapping.id_from:
            identifying = [row[column].strip() for column in self._mapping.id_from]
            found[str(self._id_field)] = digest(self._mapping.kind, identifying)
        return self._placed(self._converted(found), line)

    def _value(self, name: str, rule: FieldRule, row: Mapping[str, str]) -> Any:
        if rule.column is None:
            return rule.value
        text = row[rule.column].strip()
        if name in _LISTS:
            parts = [each.strip() for each in text.split(rule.split)]
            return [rule.values.get(each, each) for each in parts if each not in self._blank]
        if text in self._blank:
            return None
        if text in rule.values:
            return rule.values[text]
        if rule.format is not None or name in _MOMENTS:
            return _dated(name, rule, text)
        return int(text) if name in _NUMBERS_OR_WORDS and text.isascii() and text.isdigit() else text

    def _converted(self, found: dict[str, Any]) -> Record:
        try:
            return msgspec.convert(found, self._mapping.record_type, strict=False)
        except msgspec.ValidationError as error:
            missing = _MISSING.search(str(error))
            if missing:
                raise RowRefused(missing[1], "required") from None
            message, _, path = str(error).partition(" - at `$.")
            raise RowRefused(path.rstrip("`") or "record", message[0].lower() + message[1:]) from None

    def _placed(self, record: Record, line: int) -> Record:
        """The record with an id of its own, where rows that share one are counted."""
        first = self._seen.setdefault(record.record_id, line)
        if first == line:
            self._places.identify(record.record_id)
            return record
        if self._id_field is None or self._mapping.repeated_ids == "reject":
            advice = f"line {first} has the same; if each row is a record, write repeated-ids = 'count' in the mapping"
            raise RowRefused(
                self._id_field or "record", advice if self._id_field else f"line {first} is about the same"
            )
        return msgspec.structs.replace(record, **{self._id_field: self._places.identify(record.record_id)})


def header_of(rows: Rows, mapping: MappingFile) -> list[str]:
    """The file's columns; LocalError if one of the mapping's is not among them."""
    header = [name.strip() for name in next(rows, (0, []))[1]]
    missing = [column for column in mapping.columns() if column not in header]
    if missing:
        raise LocalError(f"the column {missing[0]!r} of the mapping is not in the file, which has {header}")
    return header


def month_of(record: Record) -> str:
    """The last month (YYYY-MM) that a record is about; ValueError if its day or period is none."""
    match record:
        case Crime():
            return record.recorded_on[:7]
        case Call():
            return f"{record.received_at.astimezone(LONDON):%Y-%m}"
        case Stop():
            return f"{record.stopped_at.astimezone(LONDON):%Y-%m}"
        case CrimeCount():
            return record.month
        case Indicator():
            return f"{parse_period(record.period)[1]:%Y-%m}"


def _row(header: list[str], fields: list[str]) -> Mapping[str, str]:
    if len(fields) != len(header):
        raise RowRefused("row", f"it has {len(fields)} fields where the header has {len(header)}")
    return dict(zip(header, fields, strict=True))


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    outer, _, inner = name.partition(".")
    value = _TRUTHS.get(value.casefold(), value) if isinstance(value, str) and outer in _BOOLEANS else value
    if outer == "victim":
        found.setdefault("victims", [{}])[0][inner] = value
    elif inner:
        found.setdefault(outer, {})[inner] = value
    else:
        found[name] = value


def _dated(name: str, rule: FieldRule, text: str) -> str:
    try:
        moment = datetime.strptime(text, rule.format) if rule.format else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        wanted = f"a date written {rule.format}" if rule.format else "a time such as 2016-06-01T12:30:00+00:00"
        raise RowRefused(name, f"{text[:40]!r} is not {wanted}", text[:40]) from None
    if name in _MOMENTS:
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(rule.zone))).isoformat()
    # A format without a day is of a month.
    names_day = any(letter in str(rule.format) for letter in _DAYS)
    return f"{moment:%Y-%m-%d}" if names_day else f"{moment:%Y-%m}"
