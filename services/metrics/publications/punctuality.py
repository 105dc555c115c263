"""Whether what was due has been released, and how late. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from services.metrics.figures import window_json
from services.metrics.publications.calendar import Due, Release


class Out(NamedTuple):
    """A publication that has been released, and on which day in London."""

    id: str
    table: str
    area: str
    dataset: str
    ends_on: date
    released_on: date


Outs = Mapping[tuple[str, str, str, date], Out]


def first_out(released: Iterable[Out]) -> Outs:
    """The first publication of each table, area, dataset and end: later ones make up for no delay."""
    found: dict[tuple[str, str, str, date], list[Out]] = defaultdict(list)
    for each in released:
        found[each.table, each.area, each.dataset, each.ends_on].append(each)
    return {key: min(outs, key=lambda each: (each.released_on, each.id)) for key, outs in found.items()}


def standing(due: Due, outs: Outs, today: date) -> dict[str, Any]:
    """A release of the calendar as it stands today.

    `{release, title, tables, due: {from, to}, covers: {from, to}, state, released_on, days_late, publications,
    not_released}`; the state is `planned`, `due`, `overdue`, `released` or `released-late`.
    """
    found = [_out(due.release, table, due, outs) for table in due.release.tables]
    out = [each for each in found if each]
    whole = len(out) == len(found)
    on = max(each.released_on for each in out) if whole else None
    late = max(0, ((on or today) - due.days.last).days)
    return {
        "release": due.release.id,
        "title": due.release.title,
        "tables": list(due.release.tables),
        "due": window_json(due.days),
        "covers": window_json(due.covers),
        "state": _state(due, on, late, today),
        "released_on": on.isoformat() if on else None,
        "days_late": late,
        "publications": [each.id for each in out],
        "not_released": [table for table, each in zip(due.release.tables, found, strict=True) if each is None],
    }


def late_ones(dues: Sequence[Due], outs: Outs, today: date) -> list[dict[str, Any]]:
    """Those that came late, or are late and have not come, the latest first."""
    stood = [standing(each, outs, today) for each in reversed(dues)]
    return [each for each in stood if each["days_late"]]


def _out(release: Release, table: str, due: Due, outs: Outs) -> Out | None:
    return outs.get((table, release.area, release.dataset, due.covers.last))


def _state(due: Due, on: date | None, late: int, today: date) -> str:
    if on:
        return "released-late" if late else "released"
    if late:
        return "overdue"
    return "due" if due.days.first <= today else "planned"
