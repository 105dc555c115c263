"""Rows of data.police.uk's stop-and-search files: one stop each, without an id and without a borough."""

from collections.abc import Mapping
from datetime import datetime

from local.importers.elements import RowRefused
from local.importers.identity import Places, digest
from local.importers.street import UNKNOWN_AREA
from shared.clock import LONDON
from shared.events import Stop

COLUMNS = ("Type", "Date", "Legislation", "Object of search", "Outcome")
SECTION_60 = "Criminal Justice and Public Order Act 1994 (section 60)"
_NOT_RECORDED = "not-recorded"
# What can still change (the outcome and whether it was linked) is no part of a row's identity. Neither is the
# force: it stands only in the file's name, and a renamed copy must not count twice.
_LASTING = (
    "Type",
    "Date",
    "Part of a policing operation",
    "Policing operation",
    "Latitude",
    "Longitude",
    "Gender",
    "Age range",
    "Self-defined ethnicity",
    "Officer-defined ethnicity",
    "Legislation",
    "Object of search",
)
_LINKED = {"true": True, "false": False}


def moment_of(row: Mapping[str, str]) -> datetime:
    """When the person was stopped, aware; raises RowRefused."""
    text = row["Date"].strip()[:40]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RowRefused("Date", f"{text!r} is not a time such as 2016-06-01T12:30:00+00:00", text) from None
    if moment.tzinfo is None:
        raise RowRefused("Date", f"{text!r} has no offset from UTC", text)
    return moment


def month_of(row: Mapping[str, str]) -> str:
    """The row's month in London, YYYY-MM; raises RowRefused."""
    return f"{moment_of(row).astimezone(LONDON):%Y-%m}"


class StopRows:
    """Turns the rows of one file into stops. A place on the map is all that they tell, so their area is unknown."""

    def __init__(self, revision: int, dataset: str) -> None:
        self._revision, self._dataset = revision, dataset
        self._places = Places()

    def record(self, row: Mapping[str, str]) -> Stop:
        """The stop of a row, in the publisher's words, which ingest resolves; raises RowRefused."""
        return Stop(
            stop_id=self._places.identify(digest("stop", [row.get(name, "") for name in _LASTING])),
            revision=self._revision,
            stopped_at=moment_of(row),
            area=UNKNOWN_AREA,
            power=row["Legislation"] or _NOT_RECORDED,
            object=row["Object of search"] or _NOT_RECORDED,
            outcome=_outcome(row["Outcome"]),
            linked=_LINKED.get(row.get("Outcome linked to object of search", "").casefold()),
            age=row.get("Age range") or None,
            sex=row.get("Gender") or None,
            ethnicity_officer=row.get("Officer-defined ethnicity") or None,
            ethnicity_self=row.get("Self-defined ethnicity") or None,
            section_60=row["Legislation"] == SECTION_60,
            dataset=self._dataset,
        )


def _outcome(text: str) -> str:
    # The publisher's documentation: `false` is nothing found, empty is not told.
    return "no-further-action" if text.casefold() == "false" else text or _NOT_RECORDED
