"""When Kafka cannot take more, ingest says so in bounded time, and goes on by itself once it can."""

import asyncio
import json
import os
import signal
import socket
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.ingest import Log, crime, problem_of, running
from tests.parts.embedded import EmbeddedBroker
from tests.parts.kafka import Kafka

TIMEOUT_SECONDS = 2.0
# Finding the partition, then writing: each may take the whole timeout.
BOUND_SECONDS = 2 * TIMEOUT_SECONDS + 1


@pytest.fixture(scope="module")
def broker(parts):
    """A broker of these tests' own, of the kind that the stack has."""
    with EmbeddedBroker() if parts.volatile_broker else Kafka() as broker:
        yield broker


@contextmanager
def silent(broker):
    """The broker keeps its connections and answers nothing, as behind a broken network."""
    os.kill(broker.pid, signal.SIGSTOP)
    while not all(_is_stopped(thread) for thread in Path(f"/proc/{broker.pid}/task").iterdir()):
        time.sleep(0.01)
    try:
        yield
    finally:
        os.kill(broker.pid, signal.SIGCONT)


def _is_stopped(thread):
    """The signal has been sent, and may not have reached every thread."""
    return (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"


async def refused_in_time(ingest):
    """Post while Kafka is out of reach; the answer must be 503 with Retry-After, and soon."""
    began = time.monotonic()
    answer = await ingest.client.post("/v1/crimes", json=crime())
    assert time.monotonic() - began < BOUND_SECONDS
    assert answer.status_code == 503
    assert "Kafka" in problem_of(answer)["detail"]
    assert int(answer.headers["Retry-After"]) >= 1
    ready = await ingest.client.get("/readyz")
    assert ready.status_code == 503
    assert "Kafka does not answer" in ready.json()["checks"]["kafka"]


async def accepted_again(ingest, event):
    """Post as a patient client does, until it is accepted; the service then says soon that it is ready again.

    Not at once: an attempt to reach Kafka that began during the outage may still have to fail.
    """
    async with asyncio.timeout(30):
        while (answer := await ingest.client.post("/v1/crimes", json=event)).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.3)
        assert answer.json() == {"accepted": 1, "rejected": []}
        while (await ingest.client.get("/readyz")).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.3)


async def test_a_kafka_that_falls_silent_is_reported_and_come_back_to(broker, tmp_path):
    async with (
        Log(broker.bootstrap) as log,
        running(broker.bootstrap, tmp_path, publish_timeout_seconds=TIMEOUT_SECONDS) as ingest,
    ):
        kept = [crime(), crime(), crime()]
        await accepted_again(ingest, kept[0])
        with silent(broker):
            await refused_in_time(ingest)
            await refused_in_time(ingest)
        for event in kept[1:]:
            await accepted_again(ingest, event)
        arrived = [json.loads(record.value)["crime_id"] for record in await log.arrived()]
        # What was refused may have been written all the same; what was accepted stands there once.
        assert [arrived.count(event["crime_id"]) for event in kept] == [1, 1, 1]


async def test_a_kafka_that_is_gone_is_reported_and_come_back_to(broker, tmp_path, parts):
    changes = {"publish_timeout_seconds": TIMEOUT_SECONDS}
    async with running(broker.bootstrap, tmp_path, **changes) as ingest:
        await accepted_again(ingest, crime())
        address = broker.bootstrap
        broker.kill()
        try:
            await refused_in_time(ingest)
            async with running(address, tmp_path, **changes) as started_without_kafka:
                await refused_in_time(started_without_kafka)
        finally:
            broker.start()
        if not parts.volatile_broker:  # the embedded broker comes back at another address
            await accepted_again(ingest, crime())


async def test_whoever_waits_behind_others_for_a_kafka_that_never_answers_is_refused_in_time_too(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        host, port = never_answers.getsockname()
        async with running(f"{host}:{port}", tmp_path) as ingest:
            began = time.monotonic()
            answers = await asyncio.gather(*(ingest.client.post("/v1/crimes", json=crime()) for _ in range(5)))
            assert {answer.status_code for answer in answers} == {503}
            assert time.monotonic() - began < 8  # one attempt takes five seconds
