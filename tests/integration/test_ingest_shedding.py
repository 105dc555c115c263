"""On a broker that keeps little, ingest takes no more than the consumer can still reach."""

import asyncio
from uuid import uuid4

import pytest

from tests.integration.ingest import Log, crime, problem_of, running

LIMIT = 20_000


@pytest.fixture
async def log(parts):
    async with Log(parts.bootstrap) as log:
        yield log


@pytest.fixture
def group():
    """The group whose progress ingest follows; this test commits for it."""
    return f"metrics-{uuid4().hex}"


@pytest.fixture
async def ingest(parts, tmp_path, log, group):
    """Ingest with little room, on a log that has been applied to its end."""
    await log.commit_ends(group)
    changes = {"volatile_broker": True, "metrics_group": group, "max_unapplied_bytes": LIMIT}
    async with running(parts.bootstrap, tmp_path, **changes) as ingest:
        await until_ready(ingest)
        yield ingest


async def until_ready(ingest):
    async with asyncio.timeout(20):
        while (await ingest.client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)


async def fill(ingest):
    """Post to one partition until ingest sheds; answers what was accepted and the refusal."""
    accepted = []
    for revision in range(1, 500):
        answer = await ingest.client.post("/v1/crimes", json=crime(crime_id="one", revision=revision))
        if answer.status_code == 503:
            return accepted, answer
        assert answer.json() == {"accepted": 1, "rejected": []}
        accepted.append(revision)
    pytest.fail("nothing was refused")


def is_metrics_behind(answer):
    return answer.status_code == 503 and "metrics service has to catch up" in problem_of(answer)["detail"]


async def test_load_is_shed_while_the_consumer_does_not_apply_and_taken_again_once_it_does(ingest, log, group):
    accepted, refusal = await fill(ingest)
    assert is_metrics_behind(refusal)
    assert refusal.headers["Retry-After"] == "1"
    assert len(await log.arrived()) == len(accepted)
    assert 0 < sum(len(record.value) for record in await log.arrived()) <= LIMIT
    await log.commit_ends(group)
    async with asyncio.timeout(10):
        while is_metrics_behind(await ingest.client.post("/v1/crimes", json=crime(crime_id="one", revision=1000))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert len(await log.arrived()) == len(accepted) + 1


async def test_a_body_larger_than_the_room_is_taken_when_nothing_is_outstanding(ingest, log):
    large = [crime(crime_id="one", revision=revision) for revision in range(1, 500)]
    assert (await ingest.client.post("/v1/crimes", json=large)).status_code == 202
    assert is_metrics_behind(await ingest.client.post("/v1/crimes", json=crime(crime_id="one", revision=500)))
    assert len(await log.arrived()) == 499


async def test_nothing_is_taken_at_the_start_until_what_stands_in_the_log_has_been_applied(parts, tmp_path, group):
    async with running(parts.bootstrap, tmp_path) as earlier:
        assert (await earlier.client.post("/v1/crimes", json=crime())).status_code == 202
    async with (
        Log(parts.bootstrap) as log,
        running(parts.bootstrap, tmp_path, volatile_broker=True, metrics_group=group) as ingest,
    ):
        assert is_metrics_behind(await ingest.client.post("/v1/crimes", json=crime()))
        assert "metrics has to apply" in (await ingest.client.get("/readyz")).json()["checks"]["backlog"]
        await log.commit_ends(group)
        await until_ready(ingest)
        assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202
