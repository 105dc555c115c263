"""Where a filled table stands: its page, and its JSON and CSV. Pure."""

from datetime import date
from urllib.parse import urlencode

from services.metrics.periods import FIRST_DAY, LAST_DAY, shift_months
from services.metrics.tables.answers import Answer


def ends(answer: Answer, months: int) -> date:
    """The table's last day that many months later, within the days that are counted."""
    return min(max(shift_months(answer.end, months), FIRST_DAY), LAST_DAY)


def address(answer: Answer) -> str:
    """As JSON."""
    return f"/v1/tables/{answer.table.id}?{_query(answer, answer.end)}"


def page(answer: Answer, months: int = 0) -> str:
    """As a page, that many months later."""
    return f"/tables/{answer.table.id}?{_query(answer, ends(answer, months))}"


def _query(answer: Answer, end: date) -> str:
    return urlencode({"end": end.isoformat(), "area": answer.scope.area.id, "dataset": answer.dataset})
