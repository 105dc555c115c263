"""Where a filled table stands: its page, its JSON and CSV, and the data package that describes these. Pure."""

from datetime import date
from urllib.parse import urlencode

from services.metrics.periods import FIRST_DAY, LAST_DAY, shift_months
from services.metrics.tables.answers import Answer

DESCRIPTION = "datapackage.json"
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


def described_by(address: str) -> dict[str, str]:
    """The headers of an answer at `address`: where its data package is, and under which licence it may be used."""
    return {"link": f'<{package(address)}>; rel="describedby", {licensed()["link"]}'}


def licensed() -> dict[str, str]:
    """The header that says under which licence an answer may be used."""
    return {"link": f'<{LICENCE}>; rel="license"'}


def package(address: str) -> str:
    """Where the data package of what is answered at `address` is."""
    path, _, query = address.partition("?")
    return f"{path}/{DESCRIPTION}?{query}"


def ends(answer: Answer, months: int) -> date:
    """The table's last day that many months later, within the days that are counted."""
    return min(max(shift_months(answer.end, months), FIRST_DAY), LAST_DAY)


def address(answer: Answer) -> str:
    """As JSON."""
    return f"/v1/tables/{answer.table.id}?{_query(answer, answer.end)}"


def explanation(answer: Answer, section: str, place: tuple[int, str]) -> str:
    """The page that explains the figure at a line and column of one of its sections."""
    line, column = place
    at = {"table": answer.table.id, **({"section": section} if section else {}), "row": line, "column": column}
    return f"/explain?{urlencode(at)}&{_query(answer, answer.end)}"


def page(answer: Answer, months: int = 0) -> str:
    """As a page, that many months later."""
    return f"/tables/{answer.table.id}?{_query(answer, ends(answer, months))}"


def _query(answer: Answer, end: date) -> str:
    return urlencode({"end": end.isoformat(), "area": answer.scope.area.id, "dataset": answer.dataset})
