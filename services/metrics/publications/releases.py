"""The routes of the release calendar: what is due when, what came, and the log of what came late."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from services.metrics.params import Day, span_of
from services.metrics.periods import Window, shift_months
from services.metrics.publications.answers import IN_CSV, Format, keeping, told, wants_csv
from services.metrics.publications.calendar import Calendar, due_until, due_within
from services.metrics.publications.punctuality import first_out, late_ones, standing
from services.metrics.publications.store import Publications
from shared.clock import Clock

COLUMNS = (
    "release",
    "title",
    "tables",
    "due_from",
    "due_to",
    "covers_from",
    "covers_to",
    "state",
    "released_on",
    "days_late",
    "publications",
    "not_released",
)
"""Of a CSV file: the members of a release's standing, and a window's two ends."""


class Punctuality:
    """The calendar beside what has been released. What is under embargo has not been, whoever asks."""

    def __init__(self, calendar: Calendar, store: Publications, clock: Clock) -> None:
        self._calendar, self._store, self._clock = calendar, store, clock

    def releases(self, days: Window | None = None) -> list[dict[str, Any]]:
        """What is due in these days; unless given, from the month before this one to three months from now."""
        today, outs = self._clock.today(), first_out(self._store.released())
        return [standing(each, outs, today) for each in due_within(self._calendar, days or _around(today))]

    def late(self) -> list[dict[str, Any]]:
        today = self._clock.today()
        return late_ones(due_until(self._calendar, today), first_out(self._store.released()), today)


def _around(today: date) -> Window:
    return Window(shift_months(today.replace(day=1), -1), shift_months(today, 3) + timedelta(days=1))


class ReleasesQuery(BaseModel):
    """The parameters of /v1/releases."""

    model_config = ConfigDict(extra="forbid")

    first: Day | None = Field(
        default=None, alias="from", description="with 'to'; from the month before this one unless given"
    )
    last: Day | None = Field(default=None, alias="to", description="with 'from'; to three months from now unless given")
    format: Format = Field(default=None, description="as the Accept header says unless given")


def add_releases(routes: APIRouter, punctuality: Punctuality) -> None:
    """/releases and /releases/late."""

    @routes.get("/releases", summary="The release calendar: what is due when, and what came", responses=IN_CSV)
    def releases(asked: Annotated[ReleasesQuery, Query()], accept: Annotated[str, Header()] = "") -> Response:
        found = punctuality.releases(span_of(asked.first, asked.last))
        in_csv = wants_csv(asked.format, accept)
        return told({"releases": found}, found, COLUMNS, in_csv=in_csv, headers=keeping(embargoed=False))

    @routes.get("/releases/late", summary="Releases that came late, or are late and have not come", responses=IN_CSV)
    def late(
        format: Format = None,  # noqa: A002 - the parameter's name
        accept: Annotated[str, Header()] = "",
    ) -> Response:
        found = punctuality.late()
        in_csv = wants_csv(format, accept)
        return told({"late": found}, found, COLUMNS, in_csv=in_csv, headers=keeping(embargoed=False))
