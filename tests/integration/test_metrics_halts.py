"""A metrics service that can read nothing of a topic halts, says so, and goes on when an operator has decided."""

import asyncio
import re
from contextlib import contextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from local import cli
from shared.events import Crime, Message, record_message, topics
from shared.events.topics import record_key
from shared.kafka import Publisher
from tests.integration.metrics import Metrics, eventually, unique

LIMIT = {"dead_letters_most": 3, "dead_letters_within": 20}


@pytest.fixture(scope="module")
def own_parts(parts, tmp_path_factory):
    """A broker of this file's own: what lies in its topics would halt other tests' services."""
    with type(parts)(tmp_path_factory.mktemp("own")) as own:
        yield own


@pytest.fixture
def oversight(own_parts, tmp_path, monkeypatch):
    """Runs the command line, and answers what it printed."""
    monkeypatch.setenv("OVERSIGHT_HOME", str(tmp_path))
    monkeypatch.setenv("OVERSIGHT_KAFKA", own_parts.bootstrap)

    def run(*words):
        done = CliRunner().invoke(cli.commands, ["dead-letters", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def publish(kafka, messages):
    async def published():
        publisher = Publisher(kafka, "tests")
        await publisher.start()
        await publisher.publish(messages)
        await publisher.stop()

    asyncio.run(published())


def garbage(number):
    """Messages of one record, which lie in one partition, and are no crimes."""
    key = record_key("tests", "live", uuid4().hex)
    return [Message(topics.CRIMES, key, b'{"no": "crime"}', [("ce_source", b"/sources/cris")])] * number


def wait(check):
    async def checked():
        return check()

    asyncio.run(eventually(checked))


def fault(metrics):
    answer = metrics.ask("/readyz")
    return answer.json()["checks"]["consumer"] if answer.status_code == 503 else None


def gauge(metrics):
    sample = re.search(r'^oversight_consumer_halted{group="[^"]+"} (\S+)$', metrics.ask("/metrics").text, re.MULTILINE)
    return float(sample[1])


@contextmanager
def starting(own_parts, group):
    """The service, as soon as it lives: a halted one is never ready."""

    class Alive(Metrics):
        def answers(self):
            with suppress(httpx.TransportError):
                return self.ask("/livez").status_code == 200
            return False

    with Alive(own_parts, group=group, **LIMIT) as metrics:
        yield metrics


def test_it_halts_says_so_survives_a_restart_halted_and_goes_on_when_that_is_decided(own_parts, oversight):
    own_parts.redis.flush()
    dataset, group = unique("halts"), f"test.{uuid4().hex[:8]}"
    march = {"window": "custom", "from_": "2024-03-01", "to": "2024-03-31"}
    crime = Crime(
        crime_id="1", status="recorded", recorded_on="2024-03-05", area="E09000007", offence="rape", dataset=dataset
    )
    with starting(own_parts, group) as metrics:
        assert gauge(metrics) == 0
        publish(own_parts.bootstrap, garbage(10))
        wait(lambda: "halted at offset" in (fault(metrics) or ""))
        assert gauge(metrics) == 1
        assert f"oversight dead-letters resume {topics.CRIMES}" in fault(metrics)
        assert metrics.ask("/v1/measures").status_code == 200
    assert oversight("list").count("cris") == 3
    with starting(own_parts, group) as metrics:
        wait(lambda: "halted at offset" in (fault(metrics) or ""))
        assert oversight("list").count("cris") == 3
        publish(own_parts.bootstrap, [record_message(crime, "tests")])
        assert "go on within some seconds" in oversight("resume", topics.CRIMES)
        asyncio.run(metrics.counts("total-notifiable-offences", dataset, 1, **march))
        assert (fault(metrics), gauge(metrics)) == (None, 0)
    assert oversight("list").count("cris") == 10
    assert oversight("drop", topics.CRIMES, "--all", "--because", "no crimes at all") == "Dropped 10 dead letters.\n"
    assert oversight("list") == "No dead letters.\n"
    assert oversight("list", "--all").count("no crimes at all") == 10
    assert oversight("replay") == "Replayed 0 dead letters.\n"
