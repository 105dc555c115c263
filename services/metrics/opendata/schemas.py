"""Columns of CSV files as the Frictionless Table Schema describes them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from services.metrics.csvs import SUPPRESSED
from services.metrics.extents import Status
from services.metrics.tables.parts import Column, Form

Field = dict[str, Any]
MISSING_VALUES = ("", SUPPRESSED)
"""Of a cell: there is no figure, or nothing to say; and there is one that is withheld. Neither is zero."""
_TYPES: dict[Form, str] = {"value": "number", "change": "number", "percent": "number"}
_STATUSES = {"enum": list(get_args(Status))}


def schema(rows: Sequence[Mapping[str, Any]], columns: Iterable[Column]) -> dict[str, Any]:
    """The schema of these rows, which have the same keys; `columns` say what is known of some of them."""
    described = {column.key: column for column in columns}
    names = list(rows[0]) if rows else []
    fields = [_field(name, described.get(name), [row[name] for row in rows]) for name in names]
    return {"fields": fields, "missingValues": list(MISSING_VALUES)}


def in_json(described: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the same rows as an answer has them: what is withheld is null, and named by its row."""
    once = ("dataset", "note")
    named = {"name": SUPPRESSED, "type": "string", "description": "keys of the row's cells that are withheld"}
    return {"fields": [*(each for each in described["fields"] if each["name"] not in once), named]}


def _field(name: str, column: Column | None, values: Sequence[Any]) -> Field:
    found: Field = {"name": name, "type": _type(column, values)}
    if column is not None:
        found["title"] = column.title
        about = [f"in {column.unit}"] if column.unit else []
        about += [f"measure {column.measure}"] if column.measure else []
        found |= {"description": ", ".join(about)} if about else {}
    if name == "status" or name.endswith("_status"):
        found["constraints"] = _STATUSES
    return found


def _type(column: Column | None, values: Sequence[Any]) -> str:
    if column is not None and column.form in _TYPES:
        known = [value for value in values if value not in (None, SUPPRESSED)]
        return "string" if any(isinstance(value, str) for value in known) else _TYPES[column.form]
    kinds = {type(value) for value in values if value is not None and value != SUPPRESSED}
    if kinds == {bool}:
        return "boolean"
    return "number" if kinds and kinds <= {int, float} else "string" if kinds <= {str} else "any"
