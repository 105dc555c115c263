"""How a span of time and the end of a token are written on the command line."""

import re
from datetime import UTC, datetime, timedelta

from local.errors import LocalError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,6})([mhdw])")


def span_of(text: str) -> timedelta:
    """`90d` as a timedelta; units m, h, d, w. LocalError for anything else."""
    found = _SPAN.fullmatch(text.strip().lower())
    if not found:
        raise LocalError(f"{text!r} is no span of time; write a number and m, h, d or w, such as 90d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def end_of(text: str | None, now: datetime) -> datetime | None:
    """`90d` from now, `2027-01-31` (midnight UTC, as the day begins), `never` or None; LocalError for anything else."""
    if text is None or text.strip().lower() == "never":
        return None
    try:
        end = datetime.fromisoformat(text.strip())
    except ValueError:
        end = _after(now, text)
    return end if end.tzinfo else end.replace(tzinfo=UTC)


def _after(now: datetime, text: str) -> datetime:
    try:
        return now + span_of(text)
    except OverflowError:
        raise LocalError(f"{text!r} ends beyond the calendar; write a shorter span, or never") from None
