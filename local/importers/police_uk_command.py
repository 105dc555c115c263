"""`oversight import police-uk`."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePath

from local.errors import LocalError
from local.importers.checkpoints import job_of
from local.importers.elements import Element, Part
from local.importers.importing import How, Import, carry_out, home
from local.importers.ledger import Ledger, opened
from local.importers.options import Dataset, DryRun, Files, Published, Report, Restart, Vanished
from local.importers.outcomes import updates
from local.importers.police_uk import Reading, Survey, survey
from local.importers.publication import revision
from local.importers.report import About, File, file_of, missing_months
from local.importers.sources import Source, found
from local.importers.vanished_crimes import VanishedCrimes
from local.importers.withdrawals import LATER
from local.importers.withdrawals import Vanished as Choice
from shared.clock import Clock
from shared.reference import reference

COMMAND = "police-uk"
_MONTH = re.compile(r"^\d{4}-\d{2}-")
# Outcomes first: a crime is posted once, with the latest of them.
_ORDER = ("outcomes", "street", "stop-and-search")
Surveyed = Sequence[tuple[Source, Survey]]


def import_police_uk(
    files: Files,
    dataset: Dataset = "live",
    published: Published = None,
    vanished: Vanished = Choice.AUTO,
    dry_run: DryRun = False,
    report: Report = None,
    restart: Restart = False,
) -> None:
    """Import crimes, their outcomes, anti-social behaviour (as calls) and stops, as data.police.uk publishes them.

    Files are told apart by their headers; folders and zip archives may hold many months and forces. A second import
    changes nothing. Outcomes update the crimes of the same import and of earlier ones into the same dataset, by crime
    id; those whose crime is not there yet wait for it. Crimes that a later edition of a force's month no longer has are
    cancelled. Import an archive's files together (its latest month dates them all), or give --published. What a
    Datastore file counts already must not be imported into the same dataset: it would count twice.
    """
    with found(files) as sources:
        surveyed = sorted(((each, _survey(each)) for each in sources), key=lambda each: _ORDER.index(each[1].shape))
        months = [month for _, seen in surveyed for month in seen.months]
        if not months:
            raise LocalError("no row of these files can be imported: none has a month")
        number = revision(published, months, Clock().today())
        job = job_of(COMMAND, dataset, [str(number)], [source.stamp for source, _ in surveyed])
        with opened(home().data / "police-uk.sqlite3", dataset, job, rehearsal=dry_run) as ledger:
            about = About(COMMAND, dataset, tuple(_file(*each) for each in surveyed), dry_run)
            ledger.covers(_covered(surveyed), number)
            reading, gone = Reading(reference(), number, dataset, ledger), VanishedCrimes(ledger, dataset, vanished)
            wanted = Import(
                job=job,
                about=about,
                parts=[*_parts(surveyed, reading, ledger, dataset), *gone.parts()],
                commit=(lambda: None) if dry_run else ledger.commit,
                more=lambda: {
                    "missing_months": _gaps(surveyed),
                    "outcomes_of_crimes_not_imported_yet": ledger.waiting(),
                    LATER: ledger.how_many_covered_later(),
                    "calls_no_longer_published_which_cannot_be_withdrawn": ledger.how_many_calls_vanished(),
                },
                withdrawn=gone.told,
                ended=lambda: None if dry_run or vanished is Choice.KEEP else _settled(ledger),
            )
            carry_out(wanted, How(dry_run, report, restart))


def _settled(ledger: Ledger) -> None:
    ledger.settle()
    ledger.commit()


def _covered(surveyed: Surveyed) -> set[tuple[str, str]]:
    """The months and forces of which these files have every row: of none that any of them has in part."""
    whole = {place for source, seen in surveyed if not source.cut_off() for place in seen.covers}
    doubtful = (seen.places for source, seen in surveyed if source.cut_off() or not seen.covers)
    return whole.difference(*doubtful)


def _survey(source: Source) -> Survey:
    with source.rows() as rows:
        return survey(rows, reference())


def _parts(surveyed: Surveyed, reading: Reading, ledger: Ledger, dataset: str) -> list[Part]:
    parts = [_part(source, seen, reading) for source, seen in surveyed]
    if any(seen.shape == "outcomes" for _, seen in surveyed):
        name = "crimes of earlier imports"
        parts.append(Part(name, "", ledger.how_many_of_earlier_imports, partial(updates, ledger, dataset)))
    return parts


def _gaps(surveyed: Surveyed) -> dict[str, tuple[str, ...]]:
    """Months between the first and the last that a force's files of a kind have nothing of, by their common name."""
    months: dict[str, set[str]] = defaultdict(set)
    for source, seen in surveyed:
        months[_MONTH.sub("", PurePath(source.name).stem)] |= seen.months
    return {name: gaps for name, known in sorted(months.items()) if (gaps := missing_months(known))}


def _part(source: Source, seen: Survey, reading: Reading) -> Part:
    return Part(source.name, source.stamp, lambda: seen.rows, partial(_read, source, reading))


def _read(source: Source, reading: Reading) -> Iterator[Element]:
    with source.rows() as rows:
        yield from reading.elements(rows, source.name)


def _file(source: Source, seen: Survey) -> File:
    notes = {
        "outside_london_kept_as_unknown": dict(sorted(seen.outside.items())),
        "nothing_is_withdrawn_while_rows_are_refused": seen.refused if seen.shape == "street" else 0,
        "nothing_is_withdrawn": source.cut_off() if seen.shape == "street" else "",
    }
    return file_of(source.name, seen.shape, seen.rows, seen.months, **notes)
