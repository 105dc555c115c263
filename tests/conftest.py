"""Fixtures for every suite. OVERSIGHT_TEST_STACK chooses what is behind them: `embedded` or `real`."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.parts.stack import STACKS, Stack

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`bootstrap`, `redis_url`, `database_url(name)` of the chosen stack; a part starts when first asked for."""
    chosen = os.environ.get("OVERSIGHT_TEST_STACK", "embedded")
    if chosen not in STACKS:
        pytest.exit(f"OVERSIGHT_TEST_STACK is {chosen!r}; it must be one of: {', '.join(STACKS)}", returncode=4)
    with STACKS[chosen](tmp_path_factory.mktemp("databases")) as stack:
        yield stack


@pytest.fixture
def redis_url(parts: Stack) -> str:
    """URL of an empty Redis database: earlier tests' keys and scripts are gone."""
    parts.redis.flush()
    return parts.redis_url


@pytest.fixture
def real_stack(parts: Stack) -> None:
    """Skips a test that only Apache Kafka, Redis and PostgreSQL themselves can pass."""
    if parts.volatile_broker:
        pytest.skip("needs Apache Kafka and PostgreSQL: make test-real")
