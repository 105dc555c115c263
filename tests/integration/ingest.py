"""Ingest as its clients meet it: the real app behind its server on a free port, and the log that it writes to."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.ingest.app import create_app
from services.ingest.settings import Settings
from shared.events import topics
from shared.security import INGEST_SCOPES, issue_token
from shared.serving import Protocol
from shared.web import PROBLEM_JSON


def settings(bootstrap, tokens_file, **changes):
    """Settings as the environment would give them; `changes` by field name."""
    given = {"OVERSIGHT_KAFKA": bootstrap, "OVERSIGHT_TOKENS_FILE": tokens_file, **changes}
    if "volatile_broker" in given:
        given["OVERSIGHT_VOLATILE_BROKER"] = given.pop("volatile_broker")
    return Settings(**given)


@dataclass
class Ingest:
    """A running service, a client that holds a token with every scope of `source`, and the tokens' file."""

    client: httpx.AsyncClient
    source: str
    tokens_file: object
    app: object

    def bearer(self, *scopes):
        return {"Authorization": f"Bearer {issue_token(self.tokens_file, self.source, scopes)}"}


@asynccontextmanager
async def running(bootstrap, folder, **changes):
    """Ingest on a free port. Every answer that the client gets must be one that OpenAPI documents."""
    tokens_file, source = folder / "tokens.json", f"t-{uuid4().hex[:12]}"
    token = issue_token(tokens_file, source, INGEST_SCOPES)
    app = create_app(settings(bootstrap, tokens_file, **changes))
    document = app.openapi()

    async def is_documented(answer):
        operation = document["paths"][answer.request.url.path][answer.request.method.lower()]
        assert str(answer.status_code) in operation["responses"]
        documented = operation["responses"][str(answer.status_code)].get("content", {})
        assert not documented or answer.headers["content-type"].partition(";")[0] in documented

    async with _served(app) as url:
        headers = {"Authorization": f"Bearer {token}"}
        hooks = {"response": [is_documented]}
        async with httpx.AsyncClient(base_url=url, headers=headers, event_hooks=hooks, timeout=60) as client:
            yield Ingest(client, source, tokens_file, app)


@asynccontextmanager
async def _served(app):
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, http=Protocol))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done(), "uvicorn ended at its start"
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


class Log:
    """What arrives in the record topics from now on."""

    def __init__(self, bootstrap):
        self._bootstrap = bootstrap

    async def __aenter__(self):
        async with AIOKafkaProducer(bootstrap_servers=self._bootstrap) as producer:  # asking makes the topics
            numbers = {topic: await producer.partitions_for(topic) for topic in topics.RECORD_TOPICS}
        self.partitions = [TopicPartition(topic, n) for topic, found in numbers.items() for n in sorted(found)]
        async with self._consumer() as consumer:
            self._starts = await consumer.end_offsets(self.partitions)
        return self

    async def __aexit__(self, *_):
        pass

    async def arrived(self):
        """The records since the start, each topic's partitions in order."""
        async with self._consumer() as consumer:
            ends = await consumer.end_offsets(self.partitions)
            consumer.assign([place for place in self.partitions if ends[place] > self._starts[place]])
            for place in consumer.assignment():
                consumer.seek(place, self._starts[place])
            found = []
            while any([await consumer.position(place) < ends[place] for place in consumer.assignment()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += records
        return found

    async def commit_ends(self, group):
        """Commit, as `group`, that everything has been applied."""
        async with self._consumer(group_id=group, enable_auto_commit=False) as consumer:
            consumer.assign(self.partitions)
            await consumer.commit(await consumer.end_offsets(self.partitions))

    def _consumer(self, **options):
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, auto_offset_reset="none", fetch_max_wait_ms=50, **options
        )


def crime(**changes):
    """A right crime with an id of its own."""
    right = {"status": "recorded", "recorded_on": "2017-06-01", "area": "Camden", "offence": "Rape"}
    return {"crime_id": uuid4().hex} | right | changes


def problem_of(answer):
    """The problem document of an answer, which it must be."""
    assert answer.headers["content-type"] == PROBLEM_JSON
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["instance"] == answer.request.url.path
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem
