"""What Prometheus is told of tokens."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shared.clock import FixedClock
from shared.security import IdentitySettings, TokenStore, verifier
from shared.security.issuing import issue, revoke, rotate
from shared.security.last_use import used_beside
from shared.security.telemetry import TokenGauges

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
EXPIRES, USED = "oversight_token_expires_timestamp_seconds", "oversight_token_last_used_timestamp_seconds"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def clock():
    return FixedClock(NOW)


@pytest.fixture
def registry(path, clock):
    gauges, registry = TokenGauges(clock), CollectorRegistry()
    gauges.watch(path, used_beside(path))
    registry.register(gauges)
    return registry


def make(path, source="cad", **rights):
    return issue(path, source, ["ingest:calls"], NOW, **rights).entry.id


def told(registry, name):
    """By source, id and whatever else: seconds from now."""
    samples = [sample for metric in registry.collect() for sample in metric.samples if sample.name == name]
    return {tuple(sample.labels.values()): sample.value - NOW.timestamp() for sample in samples}


def test_a_tokens_end_is_told_and_of_one_without_end_nothing(path, registry):
    ends = make(path, expires_at=NOW + 30 * DAY)
    make(path, "rms")
    assert told(registry, EXPIRES) == {("cad", ends, "no"): 30 * 86400}


def test_a_rotated_token_is_told_as_such_until_it_ends_and_its_successor_beside_it(path, registry, clock):
    old = make(path, expires_at=NOW + 30 * DAY)
    new = rotate(path, "cad", NOW, keep=7 * DAY).entry.id
    assert told(registry, EXPIRES) == {("cad", old, "yes"): 7 * 86400, ("cad", new, "no"): 30 * 86400}
    clock.set(NOW + 8 * DAY)
    assert told(registry, EXPIRES) == {("cad", new, "no"): 30 * 86400}


def test_a_token_that_ended_unnoticed_is_told_until_it_is_revoked(path, registry, clock):
    token = make(path, expires_at=NOW + DAY)
    clock.set(NOW + 2 * DAY)
    assert told(registry, EXPIRES) == {("cad", token, "no"): 86400}
    revoke(path, [token], NOW + 2 * DAY)
    assert told(registry, EXPIRES) == {}


def test_the_last_use_is_told_of_tokens_that_were_used(path, registry, clock):
    used = issue(path, "cad", ["ingest:calls"], NOW)
    make(path, "rms")
    TokenStore(path, clock).authenticate(f"Bearer {used.token}")
    assert told(registry, USED) == {("cad", used.entry.id): 0}


@pytest.mark.parametrize("text", [None, "{"], ids=["none", "broken"])
def test_without_a_tokens_file_that_can_be_read_the_other_metrics_are_there(path, registry, text):
    if text:
        path.write_text(text)
    assert told(registry, EXPIRES) == {}
    assert f"# TYPE {EXPIRES} gauge" in generate_latest(registry).decode()


def test_a_service_tells_of_the_tokens_that_it_verifies(path):
    token = make(path, expires_at=NOW + 30 * DAY)
    verifier(path, IdentitySettings())
    assert f'{EXPIRES}{{rotated="no",source="cad",token="{token}"}}' in generate_latest().decode()
