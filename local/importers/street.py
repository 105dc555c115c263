"""Rows of data.police.uk's street files: recorded crimes and, without a crime id, calls about anti-social behaviour."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from local.importers.identity import Places, digest
from shared.events import Call, Crime, Outcome
from shared.events.periods import parse_day_or_month
from shared.reference import Reference

COLUMNS = ("Crime ID", "Month", "LSOA name", "Crime type", "Last outcome category")
UNKNOWN_AREA = "unknown"
_LSOA_NUMBER = re.compile(r"\s+\d{3}[A-Z]+$")
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


class RowRefused(Exception):
    """A row that cannot become a record; the message names the field and what would be right."""


def month_of(row: Mapping[str, str]) -> str:
    """The row's month, YYYY-MM; raises RowRefused."""
    text = row["Month"].strip()
    try:
        parse_day_or_month(f"{text}-01")
    except ValueError:
        raise RowRefused(f"Month: {text!r} is not a month; YYYY-MM is expected") from None
    return text


def district_of(row: Mapping[str, str]) -> str:
    """The borough or district with which the LSOA's name begins; empty where the row has no LSOA."""
    return _LSOA_NUMBER.sub("", row["LSOA name"].strip())


class StreetRows:
    """Turns the rows of one file into records; `outside` counts rows in districts that are not London's, by name."""

    def __init__(self, reference: Reference, revision: int, dataset: str) -> None:
        self._reference, self._revision, self._dataset = reference, revision, dataset
        self._places = Places()
        self._boroughs = {area.name: area.id for area in reference.areas if area.kind == "borough"}
        self.outside: dict[str, int] = {}

    def record(self, row: Mapping[str, str]) -> Crime | Call:
        """The crime, or the call, of a row; raises RowRefused, or UnknownValue for a crime type not known here."""
        month = month_of(row)
        crime_type = self._reference.police_uk_crime_types.resolve(row["Crime type"])
        if crime_type.call_category is not None:
            return self._call(row, month, crime_type.call_category)
        assert crime_type.offence, "the reference gives each type one of the two"
        return self._crime(row, month, crime_type.offence)

    def _crime(self, row: Mapping[str, str], month: str, offence: str) -> Crime:
        outcome = row["Last outcome category"].strip()
        return Crime(
            crime_id=self._places.identify(row["Crime ID"].strip() or self._derived("crime", row)),
            revision=self._revision,
            status="recorded",
            recorded_on=month,
            area=self._area(row),
            offence=offence,
            # The file does not tell when the outcome was decided; the crime's month is the earliest it can be.
            outcome=Outcome(type=outcome, on=month) if outcome else None,
            dataset=self._dataset,
        )

    def _call(self, row: Mapping[str, str], month: str, category: str) -> Call:
        """Published without line or time: 101, and the month's first moment, stand for them."""
        return Call(
            call_id=self._places.identify(self._derived("asb", row)),
            revision=self._revision,
            received_at=datetime.combine(date.fromisoformat(f"{month}-01"), datetime.min.time(), UTC),
            line=101,
            kind="asb",
            category=category,
            area=self._area(row),
            dataset=self._dataset,
        )

    def _derived(self, prefix: str, row: Mapping[str, str]) -> str:
        return digest(prefix, [row.get(name, "") for name in _LASTING])

    def _area(self, row: Mapping[str, str]) -> str:
        district = district_of(row)
        if district and district not in self._boroughs:
            self.outside[district] = self.outside.get(district, 0) + 1
        return self._boroughs.get(district, UNKNOWN_AREA)
