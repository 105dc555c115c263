from pathlib import Path

import pytest

from local.errors import LocalError
from local.settings import load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("OVERSIGHT_")]:
        monkeypatch.delenv(name)


def test_without_variables_everything_is_embedded_on_the_usual_ports():
    settings = load_settings()
    assert settings.home == Path(".oversight")
    assert [settings.port_of(name) for name in ("ingest", "metrics", "actions", "notify")] == [
        8001,
        8002,
        8003,
        8004,
    ]
    assert (settings.kafka, settings.redis_url, settings.database_url) == (None, None, None)


def test_each_service_has_a_variable_for_its_port(monkeypatch):
    monkeypatch.setenv("OVERSIGHT_ACTIONS_PORT", "9003")
    assert load_settings().port_of("actions") == 9003


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("OVERSIGHT_KAFKA", "")
    assert load_settings().kafka is None


def test_wrong_values_are_named_by_their_variables(monkeypatch):
    monkeypatch.setenv("OVERSIGHT_INGEST_PORT", "http")
    monkeypatch.setenv("OVERSIGHT_NOTIFY_PORT", "70000")
    with pytest.raises(LocalError, match=r"(?s)OVERSIGHT_INGEST_PORT='http'.*OVERSIGHT_NOTIFY_PORT='70000'"):
        load_settings()
