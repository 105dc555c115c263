"""Reads measures from their TOML files: each [[measure]] is one, each [[family]] one for every term of a vocabulary."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shared.reference.families import Entry, expand
from shared.reference.fields import check_fields
from shared.reference.measure_checks import Declared, check
from shared.reference.measures import Measure
from shared.reference.tables import InconsistentReference
from shared.reference.tags import possible_tags
from shared.reference.vocabularies import Vocabularies
from shared.reference.vocabulary import DuplicateSpelling, Vocabulary


def read_measures(paths: Sequence[Path], known: Vocabularies) -> Vocabulary[Measure]:
    """The measures of the files, in their order; a later file replaces those of an earlier one, where they stand.

    Raises InconsistentReference, naming the file, the measure and the field, and saying what would be right.
    """
    declared: dict[str, Declared] = {}
    for path in paths:
        of_file = _of_file(path, known)
        declared |= of_file
    check(declared, possible_tags(known))
    try:
        return Vocabulary("measure", [each.measure for each in declared.values()])
    except DuplicateSpelling as clash:
        raise declared[clash.second.id].fault(str(clash)) from clash


def _of_file(path: Path, known: Vocabularies) -> dict[str, Declared]:
    declared: dict[str, Declared] = {}
    for entry in _expanded(_entries(path), known):
        check_fields(entry)
        each = Declared(path.name, _measure(entry))
        if each.measure.id in declared:
            raise each.fault("id: another measure of this file has it already")
        declared[each.measure.id] = each
    return declared


def _entries(path: Path) -> Iterator[tuple[str, Entry]]:
    """Each entry with whether it is a `measure` or a `family`, in the file's order as far as TOML keeps it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InconsistentReference(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InconsistentReference(f"{path.name}: {error}") from error
    for table, entries in tables.items():
        if table not in {"measure", "family"} or not isinstance(entries, list):
            raise InconsistentReference(f"{path.name}: {table!r} is neither [[measure]] nor [[family]]")
        yield from ((table, Entry(path.name, fields)) for fields in entries)


def _expanded(entries: Iterable[tuple[str, Entry]], known: Vocabularies) -> Iterator[Entry]:
    for table, entry in entries:
        yield from expand(entry, known) if table == "family" else [entry]


def _measure(entry: Entry) -> Measure:
    fields: Any = entry.fields
    try:
        return msgspec.convert(fields, Measure)
    except msgspec.ValidationError as error:
        raise entry.fault(str(error)) from error
