"""Frictionless Data Packages: one describes the CSV and the JSON of a table, or of a series. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.metrics.csvs import series_rows, table_rows
from services.metrics.opendata.schemas import in_json, schema
from services.metrics.tables import links
from services.metrics.tables.answers import Answer
from services.metrics.tables.parts import Column
from shared.reference.measures import Measure

LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": links.LICENCE,
}
_POINTS = (
    Column("from", "First day", "text"),
    Column("to", "Last day", "text"),
    Column("value", "Value"),
    Column("status", "Data", "status"),
)
Sources = Sequence[Mapping[str, Any]]


def of_table(answer: Answer, address: str, sources: Sources) -> dict[str, Any]:
    """The package of a table at `address`, without a format."""
    told = answer.json()
    columns = [column for part in answer.parts for column in part.columns]
    name = f"{answer.table.id}-{answer.end}-{answer.scope.area.id.lower()}"
    about = {
        "name": name,
        "title": f"{answer.table.title}: {answer.scope.area.name}, to {answer.end}",
        "description": " ".join([answer.table.shows, *answer.caveats]),
    }
    resources = _resources(name, address, schema(table_rows(told), columns))
    return _package(about, resources, sources, told)


def of_series(measure: Measure, told: Mapping[str, Any], address: str, sources: Sources) -> dict[str, Any]:
    """The package of a series, as /v1/series answers it, at `address`."""
    name = f"{measure.id}-{told['area'].lower()}-by-{told['interval']}"
    about = {
        "name": name,
        "title": f"{measure.title} by {told['interval']}",
        "description": " ".join([measure.definition, *measure.caveats]),
    }
    value = Column("value", measure.title, "value", measure.unit, measure.id)
    columns = [value if column.key == "value" else column for column in _POINTS]
    return _package(about, _resources(name, address, schema(series_rows(told), columns)), sources, told)


def _resources(name: str, address: str, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    csv: dict[str, Any] = {
        "name": name,
        "profile": "tabular-data-resource",
        "path": f"{address}&format=csv",
        "format": "csv",
    }
    csv |= {"mediatype": "text/csv", "encoding": "utf-8", "schema": columns}
    json = {"name": f"{name}-json", "path": f"{address}&format=json", "format": "json", "mediatype": "application/json"}
    return [csv, json | {"schema": in_json(columns)}]


def _package(
    about: Mapping[str, Any], resources: Iterable[Mapping[str, Any]], sources: Sources, told: Mapping[str, Any]
) -> dict[str, Any]:
    stated = {"created": told["as_of"]} if told.get("as_of") else {}
    return {
        **about,
        **stated,
        "licenses": [LICENCE],
        "sources": [_source(each) for each in sources],
        "dataset": told["dataset"],
        **({"note": told["note"]} if "note" in told else {}),
        "resources": list(resources),
    }


def _source(each: Mapping[str, Any]) -> dict[str, Any]:
    reach = f", up to {each['last_day']}" if each["last_day"] else ""
    return {"title": f"{each['records']:,} {each['kind']} records of {each['source']}{reach}", **each}
