"""`oversight import csv`."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from local.errors import LocalError
from local.importers.checkpoints import job_of
from local.importers.elements import Element, Part
from local.importers.importing import How, Import, carry_out
from local.importers.mapped_rows import MappedRows, month_of
from local.importers.mapping import MappingFile, read_mapping
from local.importers.options import Dataset, DryRun, Files, Published, Report, Restart
from local.importers.publication import revision
from local.importers.report import About, file_of
from local.importers.sources import Source, found
from local.posting.items import Item
from shared.clock import Clock
from shared.events.periods import parse_day_or_month

COMMAND = "csv"


def import_csv(
    files: Files,
    mapping: Annotated[
        Path, typer.Option(metavar="FILE", help="TOML: which column is which field (docs/importing.md).")
    ],
    dataset: Dataset = "live",
    published: Published = None,
    dry_run: DryRun = False,
    report: Report = None,
    restart: Restart = False,
) -> None:
    """Import crimes, calls, stops, indicators or monthly counts of any CSV file, by a mapping file.

    A second import changes nothing. All files of one import are dated by the latest month that they hold.
    """
    rules = read_mapping(mapping)
    with found(files, delimiter=rules.delimiter) as sources:
        surveyed = [(source, *_survey(source, rules)) for source in sources]
        months = [month for _, _, known in surveyed for month in known]
        if published is None and not months:
            raise LocalError("no row of these files can be imported: none has a month")
        number = revision(published, months, Clock().today())
        options = [str(number), blake2b(msgspec.json.encode(rules)).hexdigest()]
        job = job_of(COMMAND, dataset, options, [source.stamp for source in sources])
        about = tuple(file_of(source.name, rules.kind, rows, known) for source, rows, known in surveyed)
        parts = [_part(source, rows, rules, number, dataset) for source, rows, _ in surveyed]
        carry_out(Import(job, About(COMMAND, dataset, about, dry_run), parts), How(dry_run, report, restart))


def _survey(source: Source, rules: MappingFile) -> tuple[int, set[str]]:
    """How many rows a file has, and the months of those that can be read."""
    decode = msgspec.json.Decoder(rules.record_type).decode
    months: set[str] = set()
    count = 0
    for count, element in enumerate(_read(source, rules, 1, "live"), 1):  # noqa: B007 # the last is how many there are
        if isinstance(element, Item):
            with suppress(ValueError):  # ingest says what is wrong with it
                month = month_of(decode(element.record))
                parse_day_or_month(month)
                months.add(month)
    return count, months


def _part(source: Source, rows: int, rules: MappingFile, number: int, dataset: str) -> Part:
    return Part(source.name, source.stamp, lambda: rows, partial(_read, source, rules, number, dataset))


def _read(source: Source, rules: MappingFile, number: int, dataset: str) -> Iterator[Element]:
    with source.rows() as rows:
        yield from MappedRows(rules, number, dataset).elements(rows, source.name)
