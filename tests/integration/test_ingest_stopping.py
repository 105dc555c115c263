"""Ingest is told to stop while it is busy: it finishes what it has in hand, takes nothing new, and ends with 0."""

import asyncio
import os
import signal
import subprocess
import sys

import httpx
import pytest

from shared.security import INGEST_SCOPES, issue_token
from tests.integration.ingest import Log, crime
from tests.integration.test_ingest_http import ids
from tests.parts.ports import free_port

POSTERS = 8
STOP_SECONDS = 10


@pytest.fixture
async def served(parts, tmp_path):
    """The process, as it is launched everywhere, and a client of it."""
    port, tokens_file = free_port(), tmp_path / "tokens.json"
    token = issue_token(tokens_file, "stopping", INGEST_SCOPES)
    command = [sys.executable, "-m", "shared.serving", "services.ingest.app:create_app", "--factory"]
    environment = os.environ | {"OVERSIGHT_KAFKA": parts.bootstrap, "OVERSIGHT_TOKENS_FILE": str(tokens_file)}
    process = subprocess.Popen([*command, "--port", str(port)], env=environment)  # noqa: ASYNC220 - at once
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"})
    try:
        async with client, asyncio.timeout(60):
            while not await is_ready(client):
                assert process.poll() is None
                await asyncio.sleep(0.1)
            yield process, client
    finally:
        process.kill()
        process.wait()


async def is_ready(client):
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def post_until_refused(client, accepted):
    """Post one after the other; what was answered 202 is noted."""
    while True:
        event = crime()
        try:
            answer = await client.post("/v1/crimes", json=event)
        except httpx.TransportError:
            return
        assert answer.status_code == 202, answer.text
        accepted.append(event["crime_id"])


async def test_a_busy_service_that_is_told_to_stop_loses_nothing_and_ends_with_0(parts, served):
    process, client = served
    async with Log(parts.bootstrap) as log:
        accepted = []
        posting = [asyncio.create_task(post_until_refused(client, accepted)) for _ in range(POSTERS)]
        while len(accepted) < 5 * POSTERS:  # noqa: ASYNC110 - until it is busy
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, STOP_SECONDS) == 0
        await asyncio.gather(*posting)
        arrived = ids(await log.arrived())
    assert sorted(set(accepted) - set(arrived)) == []
    assert len(arrived) == len(set(arrived))
