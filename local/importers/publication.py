"""Revisions of published records: a later publication must win over an earlier one."""

from collections.abc import Collection
from datetime import date, datetime
from datetime import time as time_of_day

from local.errors import LocalError
from shared.clock import LONDON
from shared.events.periods import month_end


def months_end(months: Collection[str]) -> int:
    """The revision of a publication that reaches up to the latest of `months` (YYYY-MM): its end, in Unix seconds.

    It follows from the content alone, so that the same file, from wherever it came, has the same revision. (The
    time at which a file was written does not tell: a copy of an old file is new.)
    """
    last = month_end(date.fromisoformat(f"{max(months)}-01"))
    return int(datetime.combine(last, time_of_day(23, 59, 59), LONDON).timestamp())


def revision(published: str | None, months: Collection[str], today: date) -> int:
    """The revision of records published at `published` (`YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`, London's time).

    None: the end of the latest month. One after that of `today` (London's) is a slip, by which every later publication
    would be taken for an earlier one, and counts only where there is no other. LocalError says what is right.
    """
    if published is None:
        return months_end([each for each in months if each <= f"{today:%Y-%m}"] or months)
    try:
        moment = datetime.fromisoformat(published)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).timestamp())
    except (ValueError, OverflowError):
        raise LocalError(f"--published {published!r}: write YYYY-MM-DD or YYYY-MM-DDTHH:MM") from None
    if seconds < 1:
        raise LocalError(f"--published {published!r}: no file was published before 1970")
    if datetime.fromtimestamp(seconds, LONDON).date() > today:
        raise LocalError(f"--published {published!r}: that is in the future; give the day on which it was published")
    return seconds
