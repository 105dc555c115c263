import os
import shutil
import signal
import time

import pytest
import redis

from local.parts import redis_server
from local.supervision.children import Children
from local.supervision.ports import free_port


@pytest.fixture
def start(tmp_path):
    """Starts a server on the same data each time; all are stopped in the end."""
    started = []

    def start_one():
        port = free_port()
        children = Children(tmp_path)
        started.append(children)
        child = children.start(redis_server.program(tmp_path / "data", port))
        children.wait_until_ready()
        return child, redis.Redis.from_url(redis_server.url(port), decode_responses=True)

    yield start_one
    for children in started:
        children.stop()


def test_a_second_start_finds_what_the_first_held(start):
    child, client = start()
    client.set("crimes", "790473")
    child.stop()
    _, client = start()
    assert client.get("crimes") == "790473"


def test_what_was_acknowledged_survives_a_kill_of_the_server(start):
    child, client = start()
    client.set("crimes", "790473")
    os.kill(child.pid, signal.SIGKILL)
    while child.running:
        time.sleep(0.02)
    _, client = start()
    assert client.get("crimes") == "790473"


def test_the_server_listens_on_this_machine_alone_and_appends_every_second(start):
    _, client = start()
    settings = client.config_get("bind", "appendonly", "appendfsync")
    assert settings == {"bind": "127.0.0.1", "appendonly": "yes", "appendfsync": "everysec"}


def test_a_stopped_server_says_goodbye(start):
    child, _ = start()
    child.stop()
    assert "bye bye" in child.log.read_text()


def test_without_a_server_on_path_the_carried_one_serves(start, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert shutil.which("redis-server") is None
    _, client = start()
    assert "valkey_version" in client.info("server")
