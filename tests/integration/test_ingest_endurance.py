"""Whatever dies or is stopped while batches come in: what was accepted is in the log, and counted exactly once."""

import asyncio
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from tests.integration.ingest import Log
from tests.integration.metrics import Metrics, unique
from tests.integration.upstreams import Upstreams
from tests.integration.worker import Worker
from tests.parts.kafka import Kafka
from tests.parts.redis import RedisServer

pytestmark = pytest.mark.slow
JUNE = {"window": "month", "end": "2017-06-30"}
OUTAGE_SECONDS = 30
# Half of the second within which a refusal is promised: that the machine is busy with the test is not ingest's fault.
ANSWER_SECONDS, BUCKET = 0.5, "1.0"


class Hands:
    """Starts and stops parts beside the event loop, in a thread that stays: the kernel ends them with theirs."""

    def __init__(self):
        self._thread = ThreadPoolExecutor(1)

    def do(self, what):
        return asyncio.wrap_future(self._thread.submit(what))

    def do_now(self, what):
        return self._thread.submit(what).result()


@pytest.fixture(scope="module")
def hands():
    return Hands()


@pytest.fixture(scope="module")
def kafka(parts, hands):
    """A broker of these tests' own."""
    if parts.volatile_broker:
        pytest.skip("needs Apache Kafka: make test-real")
    kafka = Kafka()
    try:
        hands.do_now(kafka.start)
        yield kafka
    finally:
        hands.do_now(kafka.close)


@pytest.fixture(scope="module")
def metrics(kafka, parts):
    """It counts all the while, and has to come through the outages itself."""
    with RedisServer() as redis:
        own = SimpleNamespace(bootstrap=kafka.bootstrap, volatile_broker=False)
        with Metrics(own, redis_url=redis.url, database_url=parts.database_url("metrics")) as metrics:
            yield metrics


@pytest.fixture
def worker(kafka, hands):
    worker = Worker(kafka.bootstrap, INGEST_ANSWER_SECONDS=ANSWER_SECONDS)
    try:
        hands.do_now(worker.start)
        yield worker
        print(worker.log.read_text()[-6000:])  # noqa: T201 - shown where the test fails
    finally:
        hands.do_now(worker.close)


@asynccontextmanager
async def kept(kafka, worker, metrics):
    """Upstreams to post by; at the end, what they were told is compared with the log and with the counts."""
    async with Log(kafka.bootstrap) as log, worker.client() as client:
        upstreams = Upstreams(client, unique("endurance"))
        yield upstreams
        revisions = Counter()
        for each in await log.arrived():
            record = json.loads(each.value)
            assert each.key.decode() == f"{worker.source}/{upstreams.dataset}/{record['crime_id']}"
            revisions[record["crime_id"], record.get("revision", 1)] += 1
    assert upstreams.accepted - set(revisions) == set(), "accepted, and lost"
    assert set(revisions) - upstreams.sent == set(), "invented"
    latest = dict(sorted(revisions))  # of each crime, the highest of the revisions that stand in the log
    await metrics.counts("total-notifiable-offences", upstreams.dataset, len(latest), **JUNE)
    thefts = sum(revision == 1 for revision in latest.values())
    await metrics.counts("theft-person", upstreams.dataset, thefts, **JUNE)


async def test_kafka_stopped_for_half_a_minute(kafka, worker, metrics, hands):
    async with kept(kafka, worker, metrics) as upstreams, upstreams.posting():
        await upstreams.are_busy()
        await hands.do(kafka.stop)
        accepted, refused, late = len(upstreams.accepted), upstreams.refused, worker.late(503, BUCKET)
        await asyncio.sleep(OUTAGE_SECONDS)
        assert len(upstreams.accepted) == accepted
        assert upstreams.refused > refused
        assert worker.late(503, BUCKET) == late
        await hands.do(kafka.start)
        await upstreams.are_busy()
    assert upstreams.unanswered == 0


async def test_workers_killed_under_load(kafka, worker, metrics, hands):
    async with kept(kafka, worker, metrics) as upstreams, upstreams.posting():
        for _ in range(3):
            await upstreams.are_busy()
            await hands.do(worker.kill)
            await hands.do(worker.start)
        await upstreams.are_busy()
    assert upstreams.unanswered


async def test_a_broker_killed_under_load(kafka, worker, metrics, hands):
    async with kept(kafka, worker, metrics) as upstreams, upstreams.posting():
        for _ in range(2):
            await upstreams.are_busy()
            await hands.do(kafka.kill)
            await hands.do(kafka.start)
        await upstreams.are_busy()
    assert upstreams.unanswered == 0
