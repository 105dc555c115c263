"""From the measures' files to measures: families expanded, every measure checked."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from shared.reference.entries import Entry
from shared.reference.families import expand
from shared.reference.fields import check_fields
from shared.reference.measure_checks import Declared, check
from shared.reference.measures import Measure
from shared.reference.sheets import Sheet, read_sheet
from shared.reference.tags import possible_tags
from shared.reference.vocabularies import Vocabularies
from shared.reference.vocabulary import DuplicateSpelling, Vocabulary


def read_measures(paths: Sequence[Path], overriding: Path | None, known: Vocabularies) -> Vocabulary[Measure]:
    """The measures of the files, in their order; those of `overriding` replace others of their ids, where these stand.

    Raises InconsistentReference, naming the file, the measure and the field, and saying what would be right.
    """
    declared: dict[str, Declared] = {}
    for path in paths:
        _declare(read_sheet(path), known, declared, frozenset())
    if overriding is not None:
        _declare(read_sheet(overriding), known, declared, frozenset(declared))
    check(declared, possible_tags(known))
    try:
        return Vocabulary("measure", [each.measure for each in declared.values()])
    except DuplicateSpelling as clash:
        raise declared[clash.second.id].fault(f"title: {clash}") from clash


def _declare(sheet: Sheet, known: Vocabularies, declared: dict[str, Declared], replaceable: frozenset[str]) -> None:
    """Adds the sheet's measures to `declared`, in the place of those that are `replaceable`."""
    replaced: set[str] = set()
    for entry in sheet.entries:
        for each in _expanded(entry, known, declared):
            measure = _measure(each)
            if measure.id in declared and (measure.id in replaced or measure.id not in replaceable):
                raise each.fault(f"id: stands in {declared[measure.id].file} already; give another")
            replaced.add(measure.id)
            declared[measure.id] = Declared(sheet.name, measure)


def _expanded(entry: Entry, known: Vocabularies, declared: dict[str, Declared]) -> Iterator[Entry]:
    if entry.is_family:
        return expand(entry, known, [each.measure for each in declared.values()])
    return iter([entry])


def _measure(entry: Entry) -> Measure:
    check_fields(entry)
    try:
        return msgspec.convert(entry.fields, Measure)
    except msgspec.ValidationError as error:
        raise entry.fault(str(error)) from error
