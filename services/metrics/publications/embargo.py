"""Until when a publication is kept to those who publish. Pure."""

from datetime import UTC, date, datetime, time
from typing import NamedTuple

from shared.clock import LONDON
from shared.errors import FieldError, Invalid


class Release(NamedTuple):
    """The day, in London, on which a publication is released, and the moment at which its embargo ends."""

    on: date
    embargo_until: datetime


def release(on: date | None, embargo_until: datetime | None, now: datetime, at: time) -> Release:
    """The release that is asked for: at once unless a day or a moment is given; on a day, at the time `at` in London.

    Raises Invalid, naming the field, for what lies in the past or does not agree.
    """
    today = now.astimezone(LONDON).date()
    if embargo_until is not None:
        return _at_moment(on, embargo_until, now)
    if on is None:
        return Release(today, now)
    if on < today:
        raise _refused("release_on", f"{on} is past; a publication is released today, {today}, or later")
    # In UTC: a time that London's clocks pass twice, or not at all, is equal to no other zone's.
    return Release(on, max(now, datetime.combine(on, at, LONDON).astimezone(UTC)))


def _at_moment(on: date | None, embargo_until: datetime, now: datetime) -> Release:
    day = embargo_until.astimezone(LONDON).date()
    if embargo_until <= now:
        raise _refused("embargo_until", "is past; leave it out for a release at once")
    if on not in (None, day):
        raise _refused("embargo_until", f"ends on {day} in London, and the release is on {on}; give the same day")
    return Release(day, embargo_until)


def _refused(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", errors=[FieldError(field, message)])
