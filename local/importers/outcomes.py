"""Outcomes of data.police.uk: rows that say what became of a crime id, and which outcome a crime is posted with."""

from collections.abc import Iterator, Mapping

import msgspec

from local.importers.elements import RowRefused
from local.importers.known_crimes import KnownCrime, KnownOutcome
from local.importers.ledger import Ledger
from local.posting.items import Item
from shared.events import Crime, Outcome
from shared.reference import Reference

COLUMNS = ("Crime ID", "Month", "Outcome type")


def read_outcome(row: Mapping[str, str], month: str, revision: int, reference: Reference) -> tuple[str, KnownOutcome]:
    """The crime id and outcome of a row; raises RowRefused, or UnknownValue for an outcome not known here."""
    crime = row["Crime ID"].strip()
    if not crime:
        raise RowRefused("Crime ID", "required: without it nobody knows which crime the outcome is of")
    kind = row["Outcome type"].strip()
    reference.outcomes.resolve(kind)
    return crime, KnownOutcome(kind, month, revision)


def attached(crime: KnownCrime, known: KnownOutcome | None) -> KnownCrime:
    """The row of a street file with the latest outcome of its id.

    What an outcomes file says has the month in which it was decided, and wins over the street file of the same or an
    earlier publication. A later street file's own category is more recent. The revision is one second later than the
    publication's, so that the outcome also counts where the street file was imported before it.
    """
    if known is None or not crime.crime:
        return crime
    if crime.type is not None and crime.published > known.published:
        return crime._replace(decided=known.month) if crime.type == known.type else crime
    revision = max(crime.published, known.published) + 1
    return crime._replace(type=known.type, decided=known.month, revision=revision)


def updated(stored: KnownCrime, known: KnownOutcome) -> KnownCrime:
    """A crime of an earlier import with its latest outcome; posted again as it is where that changes nothing."""
    if stored.type is not None and stored.published > known.published:
        return stored
    if (stored.type, stored.decided) == (known.type, known.month):
        return stored
    # Two outcomes may have the same publication time: the later import must win.
    revision = max(stored.published + 1, known.published + 1, stored.revision + 1)
    return stored._replace(type=known.type, decided=known.month, revision=revision)


def updates(ledger: Ledger, dataset: str) -> Iterator[Item]:
    """The crimes of earlier imports that this one's outcomes are of, as they are now."""
    encode = msgspec.json.Encoder().encode
    for stored, known in ledger.crimes_of_earlier_imports():
        now = updated(stored, known)
        if now != stored:
            ledger.change_crime(now)
        yield Item("crimes", encode(crime_of(now, dataset)), f"the outcome of crime {now.crime}")


def crime_of(known: KnownCrime, dataset: str) -> Crime:
    """The record of a crime."""
    return Crime(
        crime_id=known.record,
        revision=known.revision,
        status="cancelled" if known.withdrawn else "recorded",
        recorded_on=known.month,
        area=known.area,
        offence=known.offence,
        outcome=Outcome(type=known.type, on=known.decided) if known.type and known.decided else None,
        dataset=dataset,
    )
