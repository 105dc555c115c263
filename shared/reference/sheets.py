"""The measures' files as they stand: what each declares, before families become measures."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.reference.entries import Entry
from shared.reference.fields import COMMON, FIELDS
from shared.reference.tables import InconsistentReference

_TABLES = ("measure", "family")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file: what it is about, and its entries, measures first."""

    name: str
    topic: str
    entries: tuple[Entry, ...]


def read_sheet(path: Path) -> Sheet:
    """Raises InconsistentReference, naming the file, if it cannot be read or holds what a sheet does not.

    `topic`: what the measures are about; `defaults`: fields of every entry that does not give them, where its kind
    has them. Caveats are added up: those of the defaults, then the entry's own.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InconsistentReference(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InconsistentReference(f"{path.name}: {error}") from error
    if unknown := sorted(set(content) - {"topic", "defaults", *_TABLES}):
        raise InconsistentReference(f"{path.name}: {unknown[0]!r} is none of topic, defaults, [[measure]], [[family]]")
    defaults = content.get("defaults", {})
    if unknown := sorted(set(defaults) - COMMON.union(*FIELDS.values())):
        raise InconsistentReference(f"{path.name}: defaults: {unknown[0]!r} is no field of a measure")
    return Sheet(path.name, str(content.get("topic", path.stem)), tuple(_entries(path.name, content, defaults)))


def _entries(file: str, content: dict[str, Any], defaults: dict[str, Any]) -> Iterator[Entry]:
    for table in _TABLES:
        declared = content.get(table, [])
        if not isinstance(declared, list) or not all(isinstance(each, dict) for each in declared):
            raise InconsistentReference(f"{file}: write [[{table}]] above each {table}")
        for fields in declared:
            yield Entry(file, _with_defaults(fields, defaults), table == "family")


def _with_defaults(fields: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    kind = str(fields.get("kind", defaults.get("kind")))
    has = COMMON | FIELDS.get(kind, frozenset())
    merged = {name: value for name, value in defaults.items() if name in has} | fields
    if "caveats" in fields:
        merged["caveats"] = [*defaults.get("caveats", []), *fields["caveats"]]
    return merged
