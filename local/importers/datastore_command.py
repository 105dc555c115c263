"""`oversight import datastore`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import msgspec

from local.errors import LocalError
from local.importers import editions
from local.importers.checkpoints import job_of
from local.importers.datastore import KIND, Table, elements
from local.importers.datastore_long import read_any_table
from local.importers.editions import Edition, Gone
from local.importers.elements import Part
from local.importers.importing import How, Import, carry_out, home
from local.importers.known_counts import KnownCounts
from local.importers.options import Dataset, DryRun, Files, Published, Report, Restart, Vanished
from local.importers.publication import revision
from local.importers.report import About, File, file_of
from local.importers.sources import Source, found
from local.importers.withdrawals import LATER, MOST_LISTED, Withdrawals, check_share
from local.importers.withdrawals import Vanished as Choice
from local.posting.items import Item
from shared.clock import Clock
from shared.events import CrimeCount
from shared.reference import reference

COMMAND = "datastore"
_OTHERS = ("airport", "unknown")


def import_datastore(
    files: Files,
    dataset: Dataset = "live",
    published: Published = None,
    vanished: Vanished = Choice.AUTO,
    dry_run: DryRun = False,
    report: Report = None,
    restart: Restart = False,
) -> None:
    """Import recorded crime by month, class and borough, as the London Datastore publishes it.

    A second import of the same file changes nothing; a later edition revises what is there, and what it no longer has
    of its months and areas becomes 0. Each file is dated by its own latest month.
    """
    with found(files) as sources:
        tables = [(source, _table(source)) for source in sources]
    revisions = [_revision(published, *each) for each in tables]
    about = About(COMMAND, dataset, tuple(_file(*each) for each in tables), dry_run)
    job = job_of(COMMAND, dataset, [published or ""], [source.stamp for source, _ in tables])
    shelf = KnownCounts(home().data / "datastore", dataset, rehearsal=dry_run)
    with shelf.held():
        known, now = shelf.load(), [_edition(*each, number) for each, number in zip(tables, revisions, strict=True)]
        before = editions.known_of(known, now)
        editions.learn(known, now)
        later, gone = editions.succeed(known, now)
        if gone:
            check_share(editions.by_place(gone), editions.by_place(before), vanished)
            check_share(editions.by_row(gone, now), editions.by_row(before, now), vanished)
        parts = [_part(source, table, each, dataset) for (source, table), each in zip(tables, revisions, strict=True)]
        told = Withdrawals(vanished is Choice.KEEP, len(gone), list(map(_name, gone[:MOST_LISTED])))
        # Saved before anything is posted: what is posted, and forgotten by a crash, could never be withdrawn.
        more = {LATER: editions.how_many_later(known, now)}
        wanted = Import(job, about, parts, begin=lambda: shelf.save(known), more=lambda: more, withdrawn=lambda: told)
        if vanished is not Choice.KEEP:
            wanted = replace(wanted, parts=[*parts, _withdrawals(gone, dataset)], ended=lambda: shelf.save(later))
        carry_out(wanted, How(dry_run, report, restart))


def _table(source: Source) -> Table:
    with source.rows() as rows:
        return read_any_table(rows, reference())


def _revision(published: str | None, source: Source, table: Table) -> int:
    if published is None and not table.months:
        raise LocalError(f"{source.name}: no row of it can be imported: none has a month")
    # A file may have columns of months to come: those do not make it later than one that has figures of them.
    return revision(published, table.months_with_figures() or table.months, Clock().today())


def _part(source: Source, table: Table, number: int, dataset: str) -> Part:
    size = len(table.counts) + len(table.refusals)
    return Part(source.name, source.stamp, lambda: size, partial(elements, table, number, dataset, source.name))


def _file(source: Source, table: Table) -> File:
    # A month whose every cell is blank is as good as missing; one that has some is told by how many it lacks.
    months = table.months_with_figures()
    blank = Counter(month for _area, _offence, month in sorted(table.blank) if month in months)
    notes = {
        "rows_left_out": dict(sorted(table.left_out.items())),
        "cells_without_a_figure": blank,
        "nothing_is_withdrawn_while_rows_are_refused": len(table.refusals),
        "nothing_is_withdrawn": source.cut_off(),
    }
    return file_of(source.name, COMMAND, table.rows, months, **notes)


def _edition(source: Source, table: Table, number: int) -> Edition:
    if table.refusals or source.cut_off():
        # What was refused may be what seems to have vanished, under a name that is not known here.
        return Edition(number, table.counts.keys(), table.blank, set())
    areas = reference().areas
    boroughs = {area.id for area in areas if area.kind == "borough"}
    others = {area.id for area in areas if area.kind in _OTHERS}
    return Edition(number, table.counts.keys(), table.blank, editions.places_covered(table.places(), boroughs, others))


def _withdrawals(gone: Sequence[Gone], dataset: str) -> Part:
    return Part("counts no longer published", "", lambda: len(gone), partial(_zeros, gone, dataset))


def _zeros(gone: Sequence[Gone], dataset: str) -> Iterator[Item]:
    """A zero for each, one second later than what it withdraws, so that every later figure wins over it."""
    encode = msgspec.json.Encoder().encode
    for each in gone:
        area, offence, month = each.cell
        number = each.revision + 1
        zero = CrimeCount(area=area, offence=offence, month=month, count=0, revision=number, dataset=dataset)
        yield Item(KIND, encode(zero), f"no longer published: {_name(each)}")


def _name(gone: Gone) -> str:
    return " ".join(gone.cell)
