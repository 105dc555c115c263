"""The metrics service as a process of its own, and how its tests feed and ask it."""

import asyncio
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.metrics.consumer import KINDS
from shared.events import record_message
from shared.kafka import GroupProgress, Publisher
from tests.parts.process import Part

PATIENCE_SECONDS = 90
CHUNK = 2000


class Metrics(Part):
    """`services.metrics.app` under `shared.serving`, ready once it reads Kafka. `group` is kept over restarts."""

    name = "metrics"
    folder = Path(__file__).parents[2]

    def __init__(self, parts, redis_url=None, group=None, database_url=None, **settings):
        super().__init__()
        self.database_url = database_url or parts.database_url("metrics")
        self.kafka, self.group = parts.bootstrap, group or f"test.{uuid4().hex[:8]}"
        self._settings = {
            "KAFKA": self.kafka,
            "REDIS_URL": redis_url or parts.redis_url,
            "DATABASE_URL": self.database_url,
            "TOKENS_FILE": str(self.home / "tokens.json"),
            "VOLATILE_BROKER": str(int(parts.volatile_broker)),
            "METRICS_GROUP": self.group,
            **{f"METRICS_{name.upper()}": str(value) for name, value in settings.items()},
        }

    def prepare(self):
        self.data.mkdir()

    def command(self):
        settings = [f"OVERSIGHT_{name}={value}" for name, value in self._settings.items()]
        launcher = [sys.executable, "-m", "shared.serving", "services.metrics.app:create_app", "--factory"]
        return ["/usr/bin/env", *settings, *launcher, "--no-access-log", "--port", str(self.port)]

    def answers(self):
        with suppress(httpx.TransportError):
            return self.ask("/readyz").status_code == 200
        return False

    def ask(self, path, accept="application/json", **parameters):
        url = f"http://127.0.0.1:{self.port}{path}"
        asked = {name.rstrip("_"): value for name, value in parameters.items()}
        return httpx.get(url, params=asked, headers={"accept": accept}, timeout=60, trust_env=False, verify=False)

    def compare(self, measure, dataset, **parameters):
        answer = self.ask("/v1/compare", measure=measure, dataset=dataset, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def caught_up(self):
        """Returns once everything in the topics has been counted."""
        progress, ends = GroupProgress(self.kafka, self.group), await _ends(self.kafka)

        async def reached():
            committed = await progress.committed(ends)
            return all(committed.get(place, 0) >= end for place, end in ends.items())

        try:
            await eventually(reached)
        finally:
            await progress.stop()

    async def counts(self, measure, dataset, value, **parameters):
        """Returns once everything is counted and the count is `value`; what overshoots stays wrong."""

        async def right():
            answer = self.ask("/v1/compare", measure=measure, dataset=dataset, **parameters)
            return answer.status_code == 200 and answer.json()["value"] == value

        await self.caught_up()
        await eventually(right)
        await self.caught_up()
        assert self.compare(measure, dataset, **parameters)["value"] == value


async def _ends(kafka):
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        known = await consumer.topics()
        places = [TopicPartition(topic, n) for topic in KINDS if topic in known for n in range(4)]
        return {(each.topic, each.partition): end for each, end in (await consumer.end_offsets(places)).items()}


@asynccontextmanager
async def publishing(kafka):
    """Publishes records, some thousand at a time."""
    publisher = Publisher(kafka, "tests", timeout_seconds=60)
    await publisher.start()

    async def publish(records):
        messages = [record_message(record, "tests") for record in records]
        for start in range(0, len(messages), CHUNK):
            await publisher.publish(messages[start : start + CHUNK])

    try:
        yield publish
    finally:
        await publisher.stop()


def unique(name):
    """A dataset that no other test counts: the broker is shared, and what is in it outlives a test."""
    return f"t-{name}-{uuid4().hex[:8]}"


def status(answer):
    return answer["value"], answer["baseline"]["value"], answer["status"]


def assert_problem(answer, field, code=422):
    assert (answer.status_code, answer.headers["content-type"]) == (code, "application/problem+json"), answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


async def eventually(check):
    """Returns as soon as the coroutine function `check` answers that it is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await check():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.1)


async def something_counted(metrics, dataset, **asked):
    """Returns once the first of a dataset's records have been counted."""

    async def counted():
        return metrics.compare(dataset=dataset, **asked)["value"]

    await eventually(counted)
