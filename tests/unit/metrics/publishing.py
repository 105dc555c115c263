"""The routes of publications over the real engine, a board that a test makes up, and a database of its own."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from pathlib import Path

import httpx

from services.metrics import api, pages
from services.metrics.app import MIGRATIONS
from services.metrics.params import Params
from services.metrics.publications import Freezing, Publications, Punctuality, read_calendar
from services.metrics.publications import api as publications_api
from services.metrics.publications import pages as publications_pages
from services.metrics.queries import Queries
from services.metrics.reconciliations import api as reconciliations_api
from services.metrics.suppression import Rule, Suppression
from services.metrics.tables import Tables
from services.metrics.tables.asked import Asking
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Unauthenticated
from shared.migrations import migrate
from shared.reference import reference
from shared.security import Principal
from shared.web import make_app

NOW = datetime(2017, 7, 10, 12, tzinfo=UTC)
CALENDAR = """
released_at = 09:30:00
[[release]]
id = "recorded-crime"
title = "Recorded crime"
tables = ["police-and-crime-plan"]
due = "last-week"
since = "2017-06"
dataset = "board"
[[release]]
id = "stop-and-search"
title = "Stop and search"
tables = ["stop-and-search"]
due = 8
since = "2017-06"
dataset = "board"
"""
TOKENS = {
    "publisher": Principal("office", frozenset({"publish"})),
    "bound": Principal("borough", frozenset({"publish"}), frozenset({"other"})),
    "upstream": Principal("cad", frozenset({"ingest:calls"})),
}


class Press:
    """A running press: `clock` is set by the test, `ask` and `publish` speak to it over HTTP."""

    def __init__(self, client: httpx.AsyncClient, clock: FixedClock, database: Database) -> None:
        self.client, self.clock, self.database = client, clock, database

    async def ask(self, path, token=None, accept="*/*", method="GET", **asked):
        headers = {"accept": accept} | ({"authorization": f"Bearer {token}"} if token else {})
        return await self.client.request(method, path, params=asked, headers=headers)

    async def publish(self, token="publisher", **asked):
        body = {"table": "police-and-crime-plan", "end": "2017-06-30", "dataset": "board", "status": "final"} | asked
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.client.post("/v1/publications", json=body, headers=headers)


async def _principal(request):
    known = TOKENS.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if known is None:
        raise Unauthenticated("no such token")
    return known


@asynccontextmanager
async def press(board, folder: Path, calendar=CALENDAR, below=5):
    """A press that prints from `board`, at noon on 10 July 2017; sensitive counts `below` that are withheld."""
    clock, known, database = FixedClock(NOW), reference(), Database(f"sqlite:///{folder / 'press.sqlite3'}")
    migrate(database, MIGRATIONS, "metrics")
    queries = Queries(board, clock, known, None, Suppression(known, Rule(below)))
    tables = Tables(queries, known, board)
    kept = Publications(database, clock)
    asking = Asking(Params(known, queries), tables)
    freezing = Freezing(tables, asking, kept, clock, time(9, 30))
    punctuality = Punctuality(read_calendar(calendar, [table.id for table in tables.declared]), kept, clock)
    app = make_app("metrics", summary="", lifespan=None, checks={})
    app.include_router(api.router(known, queries, tables))
    app.include_router(pages.router(known, queries, tables))
    app.include_router(publications_api.router(kept, freezing, punctuality, _principal, clock))
    app.include_router(publications_pages.router(kept, freezing, punctuality, clock))
    app.include_router(reconciliations_api.router(tables, asking, known))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
        yield Press(client, clock, database)
    database.close()
