"""Rows of data.police.uk's street files: recorded crimes and, without a crime id, calls about anti-social behaviour."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from local.importers.elements import RowRefused
from local.importers.identity import Places, digest
from local.importers.known_crimes import KnownCrime
from local.importers.ledger import Ledger
from local.importers.outcomes import attached, crime_of
from shared.events import Call, Crime
from shared.events.periods import parse_day_or_month
from shared.reference import Reference

COLUMNS = ("Crime ID", "Month", "LSOA name", "Crime type", "Last outcome category")
UNKNOWN_AREA = "unknown"
_LSOA_NUMBER = re.compile(r"\s+\d{3}[A-Z]+$")
_NO_WORD = re.compile(r"[^a-z0-9]+")
# What can still change (the outcome, the context) is no part of a row's identity.
_LASTING = (
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
)


def month_of(row: Mapping[str, str]) -> str:
    """The row's month, YYYY-MM; raises RowRefused."""
    text = row["Month"].strip()
    try:
        parse_day_or_month(f"{text}-01")
    except ValueError:
        raise RowRefused("Month", f"{text[:40]!r} is not a month; YYYY-MM is expected", text[:40]) from None
    return text


def district_of(row: Mapping[str, str]) -> str:
    """The borough or district with which the LSOA's name begins; empty where the row has no LSOA."""
    return _LSOA_NUMBER.sub("", row["LSOA name"].strip())


def force_of(row: Mapping[str, str]) -> str:
    """The force that reported it, as part of identities: lower case, with hyphens."""
    return _NO_WORD.sub("-", row.get("Reported by", "").casefold()).strip("-")


class StreetRows:
    """Turns the rows of one file into records, with the latest outcome that the ledger knows of their crime id."""

    def __init__(self, reference: Reference, revision: int, dataset: str, ledger: Ledger) -> None:
        self._reference, self._revision, self._dataset, self._ledger = reference, revision, dataset, ledger
        self._places = Places()
        self._boroughs = {area.name: area.id for area in reference.areas if area.kind == "borough"}
        self._withdrawals = ledger.withdrawals()

    def record(self, row: Mapping[str, str]) -> Crime | Call:
        """The crime, or the call, of a row; raises RowRefused, or UnknownValue for a crime type not known here."""
        month = month_of(row)
        crime_type = self._reference.police_uk_crime_types.resolve(row["Crime type"])
        if crime_type.call_category is not None:
            return self._call(row, month, crime_type.call_category)
        assert crime_type.offence, "the reference gives each type one of the two"
        return self._crime(row, month, crime_type.offence)

    def _crime(self, row: Mapping[str, str], month: str, offence: str) -> Crime:
        crime_id = row["Crime ID"].strip()
        outcome = row["Last outcome category"].strip() or None
        known = KnownCrime(
            crime=crime_id,
            record=self._places.identify(self._identity(row, crime_id, month)),
            month=month,
            force=force_of(row),
            area=self._area(row),
            offence=offence,
            type=outcome,
            # The file does not tell when the outcome was decided; the crime's month is the earliest it can be.
            decided=month if outcome else None,
            revision=self._revision,
            published=self._revision,
        )
        if crime_id:
            known = attached(known, self._ledger.outcome(crime_id))
        known = self._returned(known)
        self._ledger.keep_crime(known)
        return crime_of(known, self._dataset)

    def _returned(self, crime: KnownCrime) -> KnownCrime:
        """The crime such that it counts again, where an earlier publication than this one lacked it."""
        withdrawn = self._withdrawals.get(crime.record)
        if withdrawn is None or crime.published < withdrawn.lacked_by or crime.revision > withdrawn.revision:
            return crime
        return crime._replace(revision=withdrawn.revision + 1)

    def _identity(self, row: Mapping[str, str], crime_id: str, month: str) -> str:
        """One id can stand in the files of several months and forces, which may be imported apart."""
        if not crime_id:
            return digest("crime", [row.get(name, "") for name in _LASTING])
        return f"{crime_id}@{month}/{force_of(row)}"

    def _call(self, row: Mapping[str, str], month: str, category: str) -> Call:
        """Published without line or time: 101, and the month's first moment, stand for them."""
        call = self._places.identify(digest("asb", [row.get(name, "") for name in _LASTING]))
        self._ledger.keep_call(call, month, force_of(row), self._revision)
        return Call(
            call_id=call,
            revision=self._revision,
            received_at=datetime.combine(date.fromisoformat(f"{month}-01"), datetime.min.time(), UTC),
            line=101,
            kind="asb",
            category=category,
            area=self._area(row),
            dataset=self._dataset,
        )

    def _area(self, row: Mapping[str, str]) -> str:
        return self._boroughs.get(district_of(row), UNKNOWN_AREA)
