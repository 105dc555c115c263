"""The period texts of the contracts: a day, a month, a financial quarter, a financial year, from one to another."""

import re
from calendar import monthrange
from datetime import date

_FORMS = (
    "YYYY-MM-DD, YYYY-MM, YYYY-YY-Qn (financial quarter), YYYY-YY (financial year), "
    "or the first and last day or month of any other period, as in 2016-07/2017-06"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_YEAR = re.compile(r"(\d{4})-(\d{2})(?:-Q([1-4]))?", re.ASCII)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def parse_day_or_month(text: str) -> tuple[date, date]:
    """First and last day of `YYYY-MM-DD` or `YYYY-MM`; ValueError says which forms are right."""
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return day, day
        if _MONTH.fullmatch(text):
            first = date.fromisoformat(f"{text}-01")
            return first, month_end(first)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date: {error}") from None
    raise ValueError(f"{text!r} is not a date; write YYYY-MM-DD, or YYYY-MM where only the month is known")


def parse_period(text: str) -> tuple[date, date]:
    """First and last day of a period text. A financial year runs April to March: 2017-18-Q1 is April to June 2017.

    `2017-18` is the financial year (a month number is at most 12, and a financial year ends the year after).
    `2016-07/2017-06` are the twelve months to June 2017: an interval of ISO 8601, whose both ends are counted.
    """
    if "/" in text:
        return _interval(text)
    match = _YEAR.fullmatch(text)
    if match and (match[3] or int(match[2]) == (int(match[1]) + 1) % 100) and not _is_month(text):
        return _financial(text, int(match[1]), int(match[2]), match[3])
    try:
        return parse_day_or_month(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a period; write {_FORMS}") from None


def _interval(text: str) -> tuple[date, date]:
    first, _, last = text.partition("/")
    try:
        began, ended = parse_day_or_month(first)[0], parse_day_or_month(last)[1]
    except ValueError:
        raise ValueError(f"{text!r} is not a period; write {_FORMS}") from None
    if ended < began:
        raise ValueError(f"{text!r} is not a period; it ends before it begins")
    return began, ended


def _is_month(text: str) -> bool:
    # 2009-10 to 2011-12 read both ways: as months, which is what ISO 8601 says. Write the quarters of those years.
    return bool(_MONTH.fullmatch(text)) and 1 <= int(text[5:]) <= 12


def _financial(text: str, year: int, following: int, quarter: str | None) -> tuple[date, date]:
    if following != (year + 1) % 100:
        raise ValueError(f"{text!r} is not a financial year; after {year} comes {(year + 1) % 100:02d}")
    if quarter is None:
        return date(year, 4, 1), date(year + 1, 3, 31)
    first_month = 3 * int(quarter) + 1
    first = date(year + first_month // 13, (first_month - 1) % 12 + 1, 1)
    return first, month_end(first.replace(month=first.month + 2))
