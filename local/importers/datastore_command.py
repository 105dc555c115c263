"""`oversight import datastore`."""

from functools import partial

from local.importers.checkpoints import job_of
from local.importers.datastore import Table, elements, read_table
from local.importers.elements import Part
from local.importers.importing import How, Import, carry_out
from local.importers.options import Dataset, DryRun, Files, Published, Report, Restart
from local.importers.publication import revision
from local.importers.report import About, File, file_of
from local.importers.sources import Source, found
from shared.reference import reference

COMMAND = "datastore"


def import_datastore(
    files: Files,
    dataset: Dataset = "live",
    published: Published = None,
    dry_run: DryRun = False,
    report: Report = None,
    restart: Restart = False,
) -> None:
    """Import recorded crime by month, class and borough, as the London Datastore publishes it.

    A second import of the same file changes nothing; a file that reaches further revises what is there. Each file is
    dated by its own latest month.
    """
    with found(files) as sources:
        tables = [(source, _table(source)) for source in sources]
    about = About(COMMAND, dataset, tuple(_file(*each) for each in tables), dry_run)
    parts = [_part(source, table, revision(published, table.months), dataset) for source, table in tables]
    job = job_of(COMMAND, dataset, [published or ""], [source.stamp for source, _ in tables])
    carry_out(Import(job, about, parts), How(dry_run, report, restart))


def _table(source: Source) -> Table:
    with source.rows() as rows:
        return read_table(rows, reference())


def _part(source: Source, table: Table, number: int, dataset: str) -> Part:
    size = len(table.counts) + len(table.refusals)
    return Part(source.name, source.stamp, lambda: size, partial(elements, table, number, dataset, source.name))


def _file(source: Source, table: Table) -> File:
    # A month whose every cell is blank is as good as missing; one that has some is told by how many it lacks.
    months = {month for _area, _offence, month in table.counts}
    blank = {month: count for month, count in sorted(table.blank.items()) if month in months}
    return file_of(source.name, COMMAND, table.rows, months, cells_without_a_figure=blank)
