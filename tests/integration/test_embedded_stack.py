"""`oversight up` as a process of its own, with stand-ins for the four services."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import redis
from confluent_kafka import Producer

from local.home import Home
from shared.events.topics import CRIMES
from tests.parts.ports import free_port

NAMES = ("ingest", "metrics", "actions", "notify")
PARTS = ("broker", "redis", "mail")

# Answers every request with its environment and pid; POST /die ends it as a fault would.
STAND_IN = """
    import json, os
    def create_app():
        print("stand-in starts", flush=True)
        return answer
    async def answer(scope, receive, send):
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
                if kind.endswith("shutdown"):
                    print("stand-in stops", flush=True)
                    return
        if scope["path"] == "/die":
            print("a fault of its own", flush=True)
            os._exit(7)
        about = {"pid": os.getpid(), **{k: v for k, v in os.environ.items() if k.startswith("OVERSIGHT_")}}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(about).encode()})
"""

RUNNER = """
    import os, sys
    import httpx
    from local.errors import LocalError
    from local.services import SERVICES, Service
    from local.settings import load_settings
    from local.up import up
    run = [Service(each.name, "stand_in:create_app", each.consumes) for each in SERVICES]
    def refused(home):
        raise LocalError(f"{home.addresses().ingest} refused the demonstration")
    def fatal(home):
        httpx.get(f"{home.addresses().metrics}/die", trust_env=False)
    demonstration = {"refused": refused, "fatal": fatal}.get(os.environ.get("DEMONSTRATION"))
    try:
        up(load_settings(), say=lambda text: print(text, flush=True), demonstration=demonstration, run=run)
    except LocalError as error:
        sys.exit(f"oversight: {error}")
"""


class Up:
    """The supervisor as a child of the test, what it said so far, and what it runs."""

    def __init__(self, folder, environment):
        self.home = Home(folder / "home")
        self.said = folder / "said"
        with self.said.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, folder / "runner.py"],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=os.environ | environment,
                cwd=folder,
            )

    def wait_until_it_says(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        while text not in self.said.read_text():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.05)
        return self

    def pids(self):
        """Process ids of everything it started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def url(self, service):
        return getattr(self.home.addresses(), service)

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.end()

    def end(self):
        """Its exit code, once it has ended by itself."""
        return self.process.wait(60)


def is_alive(pid):
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def until_gone(pids, seconds=30):
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "children outlive their supervisor"
        time.sleep(0.05)


@pytest.fixture
def up(tmp_path):
    """Starts `oversight up` in the same home each time, on ports of the test's own."""
    (tmp_path / "stand_in.py").write_text(textwrap.dedent(STAND_IN))
    (tmp_path / "runner.py").write_text(textwrap.dedent(RUNNER))
    ports = {f"OVERSIGHT_{name.upper()}_PORT": str(free_port()) for name in NAMES}
    base = {
        "OVERSIGHT_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])]),
    }
    started = []

    def start(**environment):
        started.append(Up(tmp_path, base | ports | environment))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def running(up, **environment):
    return up(**environment).wait_until_it_says("Ctrl-C stops it")


def test_everything_comes_up_and_ctrl_c_stops_it_in_good_order(up):
    stack = running(up)
    pids = stack.pids()
    assert len(pids) == len(NAMES) + len(PARTS)
    assert stack.stop(signal.SIGINT) == 0
    until_gone(pids)
    for name in NAMES:
        assert "stand-in stops" in (stack.home.logs / f"{name}.log").read_text()
    assert "bye bye" in (stack.home.logs / "redis.log").read_text()
    assert not stack.home.addresses_file.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_is_as_good_as_ctrl_c(up, number):
    stack = running(up)
    pids = stack.pids()
    assert stack.stop(number) == 0
    until_gone(pids)


def test_it_says_where_everything_is_and_what_to_open_first(up):
    stack = running(up)
    said = stack.said.read_text()
    assert f"Open {stack.url('metrics')}/ first" in said
    for name in NAMES:
        assert stack.url(name) in said
    assert str(stack.home.token_file) in said


def test_the_services_are_told_of_the_embedded_parts(up):
    stack = running(up)
    addresses = stack.home.addresses()
    about = {name: httpx.get(stack.url(name), trust_env=False).json() for name in NAMES}
    for name in NAMES:
        assert about[name]["OVERSIGHT_KAFKA"] == addresses.kafka
        assert about[name]["OVERSIGHT_VOLATILE_BROKER"] == "1"
        assert about[name]["OVERSIGHT_TOKENS_FILE"] == str(stack.home.tokens_file)
    assert about["metrics"]["OVERSIGHT_DATABASE_URL"] == stack.home.database_url("metrics")
    assert about["actions"]["OVERSIGHT_DATABASE_URL"] == stack.home.database_url("actions")
    assert about["notify"]["OVERSIGHT_DATABASE_URL"] == stack.home.database_url("notify")


def test_parts_that_are_elsewhere_are_used_and_not_embedded(up):
    elsewhere = {
        "OVERSIGHT_KAFKA": "kafka.example:9092",
        "OVERSIGHT_REDIS_URL": "redis://redis.example/0",
        "OVERSIGHT_DATABASE_URL": "postgresql+psycopg://db.example/oversight",
    }
    stack = running(up, **elsewhere)
    assert len(stack.pids()) == len(NAMES) + 1  # the mail sink
    about = httpx.get(stack.url("notify"), trust_env=False).json()
    assert {name: about[name] for name in elsewhere} == elsewhere
    assert about["OVERSIGHT_VOLATILE_BROKER"] == "0"


def test_a_second_start_finds_its_data_and_its_token_again(up):
    first = running(up)
    token = first.home.token()
    redis.Redis.from_url(first.home.addresses().redis).set("crimes", 790_473)
    kafka = first.home.addresses().kafka
    first.stop()
    second = running(up)
    addresses = second.home.addresses()
    assert redis.Redis.from_url(addresses.redis).get("crimes") == b"790473"
    assert second.home.token() == token
    assert addresses.kafka != kafka  # a new log, which its new cluster id gives away


def test_a_taken_port_stops_the_start_before_anything_runs(up):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stack = up(OVERSIGHT_METRICS_PORT=str(port))
        assert stack.end() == 1
    said = stack.said.read_text()
    assert f"Port {port}, which metrics listens on, is taken" in said
    assert "OVERSIGHT_METRICS_PORT" in said
    assert list(stack.home.logs.iterdir()) == []


def test_two_stacks_cannot_share_a_home(up):
    first = running(up)
    second = up()
    assert second.end() == 1
    assert f"`oversight up` runs there as process {first.process.pid}" in second.said.read_text()
    assert httpx.get(first.url("ingest"), trust_env=False).status_code == 200


def test_when_a_service_dies_the_rest_is_stopped_and_its_last_words_are_shown(up):
    stack = running(up)
    pids = stack.pids()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{stack.url('actions')}/die", trust_env=False)
    assert stack.end() == 1
    until_gone(pids)
    said = stack.said.read_text()
    assert "actions ended with exit code 7" in said
    assert "a fault of its own" in said


def test_a_demonstration_that_is_refused_stops_the_stack_and_says_why(up):
    stack = up(DEMONSTRATION="refused")
    assert stack.end() == 1
    assert "refused the demonstration" in stack.said.read_text()
    assert "stand-in stops" in (stack.home.logs / "ingest.log").read_text()


def test_when_a_service_dies_of_the_demonstration_its_death_is_the_reason_given(up):
    stack = up(DEMONSTRATION="fatal")
    assert stack.end() == 1
    assert "metrics ended with exit code 7" in stack.said.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of their parent's death on Linux only")
def test_no_child_outlives_a_supervisor_that_was_killed(up):
    stack = running(up)
    pids = stack.pids()
    stack.process.kill()
    stack.end()
    until_gone(pids)
    running(up)  # and nothing is in the way of the next start


def test_ctrl_c_while_starting_stops_what_has_been_started(up):
    stack = up().wait_until_it_says("Starting in")
    while not (stack.home.logs / "redis.log").exists():
        time.sleep(0.02)
    pids = stack.pids()
    assert stack.stop() == 0
    until_gone(pids)
    assert not stack.home.addresses_file.exists()


def test_a_second_ctrl_c_does_not_wait_for_what_is_unread_but_says_how_much_it_was(up):
    stack = running(up)
    producer = Producer({"bootstrap.servers": stack.home.addresses().kafka})
    producer.produce(CRIMES, b"a crime that the stand-in never reads")
    assert producer.flush(30) == 0
    stack.process.send_signal(signal.SIGINT)
    stack.wait_until_it_says("Stopping")
    assert stack.stop() == 0
    assert "metrics stops with records unread: 1" in stack.said.read_text()


def test_addresses_name_every_part_for_other_commands(up):
    stack = running(up)
    published = json.loads(stack.home.addresses_file.read_text())
    assert set(published) == {*NAMES, "kafka", "redis", "smtp", "database", "volatile_broker"}
