"""Ingest is told to stop while it is busy: it finishes what it has in hand, takes nothing new, and ends with 0."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import httpx
import pytest

from shared.security import INGEST_SCOPES, issue_token
from tests.integration.ingest import Log, crime
from tests.integration.test_ingest_http import ids
from tests.integration.test_ingest_outage import silent
from tests.integration.worker import Worker
from tests.parts.embedded import EmbeddedBroker
from tests.parts.kafka import Kafka
from tests.parts.ports import free_port

POSTERS = 8
STOP_SECONDS = 10


@pytest.fixture
def worker(parts):
    with Worker(parts.bootstrap) as worker:
        yield worker


async def ends(worker):
    """Tell it to stop; it must end with 0, and soon."""
    os.kill(worker.pid, signal.SIGTERM)
    assert await asyncio.to_thread(worker._child.wait, STOP_SECONDS) == 0


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


HEAD = "POST /v1/crimes HTTP/1.1\r\nHost: x\r\n"
STARTS = {
    "nothing": "",
    "half a head": HEAD,
    "half a body": HEAD + "{bearer}Content-Length: 1000\r\n\r\nxxx",
    "half a body with a key": HEAD + "{bearer}Idempotency-Key: k\r\nContent-Length: 9\r\n\r\n",
    "chunks": HEAD + "{bearer}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
    "an answer that lingers": "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nxxx",
}


async def test_who_never_finishes_what_he_sends_does_not_hold_up_the_end(worker):
    async with worker.client() as client:
        bearer = f"Authorization: {client.headers['authorization']}\r\n"
        opened = [await asyncio.open_connection("127.0.0.1", worker.port) for _ in STARTS]
        for (_, writer), start in zip(opened, STARTS.values(), strict=True):
            writer.write(start.format(bearer=bearer).encode())
        assert (await client.get("/livez")).status_code == 200
    await ends(worker)
    answers = {start: await reader.read() for start, (reader, _) in zip(STARTS, opened, strict=True)}
    for start in ("half a body", "half a body with a key", "chunks"):
        head, _, problem = answers[start].partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in head.lower()
        assert json.loads(problem)["detail"] == "the service stops, and this was not finished; send it again"
        assert b"x-request-id: " + json.loads(problem)["request_id"].encode() in head
    assert answers["an answer that lingers"].startswith(b"HTTP/1.1 404 ")
    for _, writer in opened:
        writer.close()


async def test_a_kafka_that_has_fallen_silent_does_not_hold_up_the_end(parts):
    with (
        EmbeddedBroker() if parts.volatile_broker else Kafka() as broker,
        Worker(broker.bootstrap) as worker,
    ):
        async with worker.client() as client:
            async with asyncio.timeout(60):
                while (await client.post("/v1/crimes", json=crime())).status_code != 202:  # noqa: ASYNC110 - it connects
                    await asyncio.sleep(0.1)
            with silent(broker):
                batch = [crime() for _ in range(300)]
                posting = [asyncio.create_task(client.post("/v1/crimes", json=batch)) for _ in range(POSTERS)]
                assert (await posting[0]).status_code == 503
                posting += [asyncio.create_task(client.post("/v1/crimes", json=crime())) for _ in range(POSTERS)]
                await asyncio.sleep(0.1)
                await ends(worker)
                assert {answer.status_code for answer in await asyncio.gather(*posting)} == {503}
