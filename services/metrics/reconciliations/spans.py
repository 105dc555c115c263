"""The days that a heading names: `July 2015 - June 2016`. Pure."""

import calendar
import re
from datetime import date, timedelta

from services.metrics.periods import FIRST_DAY, LAST_DAY, Window, shift_months

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]* (\d{{4}})"
_SPAN = re.compile(rf"{_MONTH} (?:to )?{_MONTH}")


def named_span(words: str) -> Window | None:
    """Of `jul 2015 to jun 2016` or `july 2015 june 2016`; None for words that name no days that are counted."""
    if (found := _SPAN.fullmatch(words)) is None:
        return None
    first_month, first_year, last_month, last_year = found.groups()
    if not all(FIRST_DAY.year <= int(year) <= LAST_DAY.year for year in (first_year, last_year)):
        return None
    last = date(int(last_year), _MONTHS[last_month], 1)
    return Window(date(int(first_year), _MONTHS[first_month], 1), shift_months(last, 1) - timedelta(days=1))
