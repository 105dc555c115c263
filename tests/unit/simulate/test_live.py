import asyncio
from datetime import timedelta
from itertools import takewhile

import httpx
import pytest

from local.posting.ingest_client import IngestClient
from local.simulate.live import post_live
from local.simulate.timeline import timeline
from shared.clock import FixedClock
from tests.unit.simulate.conftest import START


class Accepting(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        lines = (await request.aread()).splitlines()
        return httpx.Response(202, json={"accepted": len(lines), "rejected": []})


@pytest.fixture
async def live(records):
    """Post a timeline by a clock that stands still until it is set."""
    clock, said = FixedClock(START), []
    async with IngestClient("http://ingest", "t", transport=Accepting()) as client:
        posting = asyncio.create_task(post_live(client, timeline(1, records, START, 1.0), clock, said.append))
        yield client, clock, said
        posting.cancel()
        await asyncio.wait([posting])


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition is about somebody else's state
            await asyncio.sleep(0.01)


async def test_what_has_come_due_is_posted_and_nothing_before_its_time(live, records):
    client, clock, _ = live
    for minutes in (10, 20):
        now = START + timedelta(minutes=minutes)
        due = len(list(takewhile(lambda event: event.at <= now, timeline(1, records, START, 1.0))))  # noqa: B023
        clock.set(now)
        await until(lambda: client.totals.accepted.total() >= due)  # noqa: B023
        assert client.totals.accepted.total() == due > 50


async def test_each_minute_tells_what_was_accepted(live):
    _, clock, said = live
    clock.set(START + timedelta(minutes=20))
    await until(lambda: said)
    assert "calls" in said[0]
