"""The demonstration's figures, with some calls and stops, under the real engine and routes."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx

from local.demo.figures import crime_counts
from local.demo.indicators import indicators
from services.metrics import api, pages
from services.metrics.charts import pages as charts_pages
from services.metrics.queries import Queries
from services.metrics.tables import Tables
from shared.clock import FixedClock
from shared.events import Call, Stop
from shared.reference import reference
from shared.web import make_app
from tests.unit.metrics.loaded import Loaded

CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))
KNOWN = reference()
LONDON, CAMDEN, CITY = "E12000007", "E09000007", "E09000001"


def calls():
    categories = [each for each in KNOWN.call_categories if each.kind == "crime"]
    for number in range(400):
        fields = {
            "line": 999,
            "kind": "crime",
            "category": categories[number % len(categories)].id,
            "grade": "ISER"[number % 4],
        }
        fields |= {"answer_seconds": number % 37, "response_seconds": 60 + 11 * number, "dataset": "demo"}
        at = f"2017-0{4 + number % 3}-{1 + number % 28:02}T12:00:00Z"
        yield Call(call_id=str(number), received_at=at, area=(CAMDEN, CITY)[number % 2], **fields)


def stops():
    powers, objects = list(KNOWN.stop_powers), list(KNOWN.stop_objects)
    outcomes, groups = list(KNOWN.stop_outcomes), list(KNOWN.ethnicities)
    for number in range(300):
        asked = {"power": powers[number % len(powers)].id, "object": objects[number % len(objects)].id}
        asked |= {"outcome": outcomes[number % len(outcomes)].id, "dataset": "demo", "handcuffed": number % 3 == 0}
        asked |= {"ethnicity_officer": groups[number % len(groups)].id, "age": "18-24", "linked": number % 2 == 0}
        at = f"201{6 + number % 2}-0{4 + number % 3}-{1 + number % 28:02}T12:00:00Z"
        yield Stop(stop_id=str(number), stopped_at=at, area=(CAMDEN, CITY)[number % 2], **asked)


@asynccontextmanager
async def nothing(_app):
    yield


class Demonstration:
    """`get` asks the routes, and answers what they say; the register is the built-in one unless given."""

    def __init__(self, register=None, loaded=Loaded):
        self.reader = loaded(crime_count=crime_counts(), call=calls(), stop=stops(), indicators=indicators())
        self.queries = Queries(self.reader, CLOCK, KNOWN, register)
        self.tables = Tables(self.queries, KNOWN, self.reader)
        app = make_app("metrics", summary="", lifespan=nothing, checks={})
        app.include_router(api.router(KNOWN, self.queries, self.tables))
        app.include_router(pages.router(KNOWN, self.queries, self.tables))
        app.include_router(charts_pages.router(KNOWN, self.queries))
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8002")

    async def answer(self, path, code=200, accept="application/json", **asked):
        """What is answered; AssertionError where its status is another than `code`, unless that is None."""
        asked = {name.rstrip("_"): value for name, value in asked.items()}
        found = await self._client.get(path, params=asked or None, headers={"accept": accept})
        assert code in (None, found.status_code), found.text
        return found

    async def get(self, path, code=200, **asked):
        return (await self.answer(path, code, **asked)).json()
