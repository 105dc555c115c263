"""The release calendar: which tables are due when, as it is declared. Pure."""

import tomllib
from collections.abc import Collection, Iterator
from datetime import date, time, timedelta
from typing import Annotated, Literal, NamedTuple

import msgspec

from services.metrics.periods import Window, shift_months
from shared.reference import InconsistentReference

LONDON = "E12000007"
_WEEK = timedelta(days=6)
Month = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
DayOfMonth = Annotated[int, msgspec.Meta(ge=1, le=28)]


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tables that are released together, every month; each release covers the month before it."""

    id: str
    title: str
    tables: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    due: Literal["last-week"] | DayOfMonth
    since: Month
    until: Month = "9999-12"
    area: str = LONDON
    dataset: str = "live"


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`released_at` is London's time of day at which what has a release date is released."""

    released_at: time
    release: tuple[Release, ...]


class Due(NamedTuple):
    """One release: the days on which it may come without being late, and the month that it covers."""

    release: Release
    days: Window
    covers: Window


def read_calendar(text: str, tables: Collection[str]) -> Calendar:
    """Raises InconsistentReference, naming the field, for a calendar that does not hold together."""
    try:
        calendar = msgspec.convert(tomllib.loads(text), Calendar)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InconsistentReference(f"the release calendar: {error}") from error
    ids = [each.id for each in calendar.release]
    if len(set(ids)) < len(ids):
        raise InconsistentReference("the release calendar: every release needs an id of its own")
    for each in calendar.release:
        if unknown := sorted(set(each.tables) - set(tables)):
            raise InconsistentReference(f"the release calendar: {each.id}: tables: no table {unknown[0]!r} is declared")
    return calendar


def due_within(calendar: Calendar, days: Window) -> list[Due]:
    """The releases that are due in these days, in their order."""
    found = [each for release in calendar.release for each in _dues(release, days)]
    return sorted(found, key=lambda each: (each.days.last, each.release.id))


def due_until(calendar: Calendar, day: date) -> list[Due]:
    """Every release whose last day was `day` or before, since the calendar began."""
    began = min((_first(each.since) for each in calendar.release), default=day)
    return due_within(calendar, Window(began, day)) if began <= day else []


def _dues(release: Release, days: Window) -> Iterator[Due]:
    month = max(days.first.replace(day=1), _first(release.since))
    while month <= days.last and f"{month:%Y-%m}" <= release.until:
        end = shift_months(month, 1) - timedelta(days=1)
        fixed = None if isinstance(release.due, str) else month.replace(day=release.due)
        within = Window(fixed, fixed) if fixed else Window(end - _WEEK, end)
        if days.first <= within.last <= days.last:
            yield Due(release, within, Window(shift_months(month, -1), month - timedelta(days=1)))
        month = shift_months(month, 1)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
