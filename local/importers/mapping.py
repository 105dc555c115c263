"""A mapping file: how the columns of any CSV file become the fields of crimes, calls, stops or indicators."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from local.errors import LocalError
from shared.events import Call, Crime, CrimeCount, Indicator, Record, Stop

TYPES: dict[str, type[Record]] = {
    "crimes": Crime,
    "calls": Call,
    "stops": Stop,
    "indicators": Indicator,
    "crime-counts": CrimeCount,
}
ID_FIELDS = {"crimes": "crime_id", "calls": "call_id", "stops": "stop_id"}
_INNER = {"outcome": ("type", "on"), "victim": ("age", "sex", "ethnicity")}
_FREE = "breakdown"
# These are the import's own: --dataset and --published.
_NOT_MAPPED = ("dataset", "revision")


class FieldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field comes from: a `column`, or the same `value` in every record.

    `format`: how the column writes a date or time, in the letters of strptime (%d/%m/%Y). `zone`: of times without an
    offset. `split`: what separates the values of a list. `values`: the file's words and what they mean here; words that
    are not among them are sent as they are.
    """

    column: str | None = None
    value: str | int | float | bool | list[str] | None = None
    format: str | None = None
    zone: str = "Europe/London"
    split: str = ";"
    values: Mapping[str, str | int | float | bool] = {}


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The whole file. `blank`: cells that say nothing, besides empty ones.

    `id_from`: columns that together identify a row, where no column is its id. `repeated_ids`: whether a second row
    with the same id is rejected, or counted as a record of its own. `where`: rows whose columns hold other words are
    left out.
    """

    kind: Literal["crimes", "calls", "stops", "indicators", "crime-counts"]
    fields: dict[str, FieldRule]
    delimiter: str = ","
    blank: list[str] = []
    id_from: list[str] = []
    repeated_ids: Literal["reject", "count"] = "reject"
    where: dict[str, list[str]] = {}

    @property
    def record_type(self) -> type[Record]:
        return TYPES[self.kind]

    def columns(self) -> list[str]:
        """The columns that a file must have."""
        named = [rule.column for rule in self.fields.values() if rule.column is not None]
        return list(dict.fromkeys([*named, *self.id_from, *self.where]))


def read_mapping(path: Path) -> MappingFile:
    """The mapping in the TOML file at `path`; LocalError names the field that is wrong."""
    try:
        mapping = msgspec.toml.decode(path.read_bytes(), type=MappingFile)
        _check(mapping)
    except OSError as error:
        raise LocalError(f"{path}: cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise LocalError(f"{path}: {error}") from error
    return mapping


def _check(mapping: MappingFile) -> None:
    if len(mapping.delimiter) != 1:
        raise ValueError(f"delimiter: {mapping.delimiter!r} is not one character")
    known = _known_fields(mapping)
    for name, rule in mapping.fields.items():
        if name not in known and not name.startswith(f"{_FREE}."):
            raise ValueError(f"fields: {name!r} is no field of {mapping.kind}; known: {', '.join(known)}")
        _check_rule(name, rule)
    _check_required(mapping)


def _check_rule(name: str, rule: FieldRule) -> None:
    if (rule.column is None) == (rule.value is None):
        raise ValueError(f"fields.{name}: give either column or value")
    try:
        ZoneInfo(rule.zone)
        if rule.format is not None:
            datetime(2017, 6, 30).strftime(rule.format)  # noqa: DTZ001 # only the format is tried
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"fields.{name}: {error}") from None


def _check_required(mapping: MappingFile) -> None:
    id_field = ID_FIELDS.get(mapping.kind, "")
    if id_field and (id_field in mapping.fields) == bool(mapping.id_from):
        raise ValueError(f"give either fields.{id_field} or id-from, the columns that together identify a row")
    if not id_field and mapping.id_from:
        raise ValueError(f"id-from: {mapping.kind} have no id of their own")
    needed = [
        each.name for each in msgspec.structs.fields(mapping.record_type) if each.required and each.name != id_field
    ]
    missing = [name for name in needed if name not in mapping.fields]
    if missing:
        raise ValueError(f"fields: {', '.join(missing)} of {mapping.kind} must be given")


def _known_fields(mapping: MappingFile) -> list[str]:
    known: list[str] = []
    for each in mapping.record_type.__struct_fields__:
        inner = "victim" if each == "victims" else each
        if inner in _INNER:
            known += [f"{inner}.{name}" for name in _INNER[inner]]
        elif each == _FREE:
            known.append(f"{_FREE}.<name>")
        elif each not in _NOT_MAPPED:
            known.append(each)
    return known
