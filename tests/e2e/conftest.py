"""A whole system as a user runs it: `oversight up` as a child, on the stack that the run has chosen."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.home import Addresses, Home
from tests.parts.kafka import Kafka
from tests.parts.stack import Stack

OVERSIGHT = Path(sys.executable).with_name("oversight")
SERVICES = ("ingest", "metrics", "actions", "notify")
PATIENCE_SECONDS = 120


def eventually(holds: Callable[[], Any], what: str) -> Any:
    """What `holds` answers once that is true; fails saying `what` did not come about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := holds()):
        if time.monotonic() > deadline:
            pytest.fail(f"it did not come about that {what}; last: {answer!r}")
        time.sleep(0.2)
    return answer


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class System:
    """One home, started and stopped as often as a test likes."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.home = Home(root)
        self._log = root.with_suffix(".log")
        self.environment = {**os.environ, **environment, "OVERSIGHT_HOME": str(root)}
        self._child: subprocess.Popen[bytes] | None = None

    def up(self, *options: str) -> None:
        """Start, and return once it says that it runs."""
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [OVERSIGHT, "up", *options], env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        said_before = self._said().count("Oversight is running")
        eventually(lambda: self._runs(said_before), f"`oversight up {' '.join(options)}` runs")

    def _runs(self, said_before: int) -> bool:
        assert self._child
        assert self._child.poll() is None, self._said()
        return self._said().count("Oversight is running") > said_before

    def _said(self) -> str:
        return self._log.read_text()

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self._child is None:
            return 0
        self._child.send_signal(signal.SIGINT)
        code, self._child = self._child.wait(90), None
        return code

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """An `oversight` command to its end."""
        return subprocess.run(
            [OVERSIGHT, *args], env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )

    @property
    def addresses(self) -> Addresses:
        return self.home.addresses()

    def get(self, service: str, path: str, **params: Any) -> httpx.Response:
        """A GET with the home's token."""
        headers = {"Authorization": f"Bearer {self.home.token()}"}
        return httpx.get(getattr(self.addresses, service) + path, params=params, headers=headers, timeout=30)

    def value(self, measure: str, end: str, **params: Any) -> Any:
        """A measure's value in the 12 months to `end`."""
        return self.get("metrics", "/v1/compare", measure=measure, end=end, **params).json()["value"]


@pytest.fixture(scope="module")
def system(parts: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that is not started yet, on ports and in a home of its own."""
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    environment = {f"OVERSIGHT_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    with ExitStack() as running:
        if not parts.volatile_broker:
            # A log of its own: what other tests have posted to `live` would be counted here, too.
            kafka = running.enter_context(Kafka())
            parts.redis.flush()
            environment |= {"OVERSIGHT_KAFKA": kafka.bootstrap, "OVERSIGHT_REDIS_URL": parts.redis_url}
            environment["OVERSIGHT_DATABASE_URL"] = parts.database_url("system")
        system = System(tmp_path_factory.mktemp("system") / "home", environment)
        running.callback(system.stop)
        yield system
