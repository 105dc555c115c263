"""An embedded stack of the benchmark's own: a broker, Redis and services as `oversight up` starts them."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from local.home import Addresses, Home
from local.parts import broker, redis_server
from local.services import SERVICES, not_ready, program
from local.settings import LocalSettings
from local.supervision.children import Children
from local.supervision.ports import HOST, free_port
from local.supervision.processes import Child, Program
from parts.cores import OTHERS, SERVICE, pinned, processor_seconds

BENCH = Path(__file__).parents[1]


class Server(NamedTuple):
    """An HTTP server of ours."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Stack:
    """Children in a temporary home; nothing of them is left at the end."""

    def __init__(self) -> None:
        self.home = Home(Path(tempfile.mkdtemp(prefix="oversight-bench-")))
        self.home.create()
        self.token = self.home.ensure_token()
        self._children = Children(self.home.logs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._children.stop()
        finally:
            shutil.rmtree(self.home.root, ignore_errors=True)

    def start_broker(self, cores: set[int] = OTHERS) -> str:
        """Kafka's bootstrap server."""
        self._start(broker.program(self.home), cores)
        return broker.address(self.home)

    def start_redis(self, cores: set[int] = OTHERS) -> str:
        """The URL of a Redis whose append-only file is synchronised every second."""
        port = free_port()
        self._start(redis_server.program(self.home.data / "redis", port), cores)
        return redis_server.url(port)

    def start_ingest(self, kafka: str, cores: set[int] = SERVICE, *, sheds: bool = True) -> Server:
        """`sheds`: it spares the group of metrics, which then has to commit."""
        return self._start_service("ingest", msgspec.structs.replace(_addresses(kafka), volatile_broker=sheds), cores)

    def start_metrics(self, kafka: str, redis: str, cores: set[int] = SERVICE) -> Server:
        database = {"metrics": self.home.database_url("metrics")}
        return self._start_service("metrics", _addresses(kafka, redis, database), cores)

    def start_bare(self, answers: dict[str, bytes] | None = None) -> Server:
        """A bare Starlette app under the same server, on the service's core; it answers a GET of these paths."""
        port = free_port()
        argv = [sys.executable, "-m", "uvicorn", "parts.bare:app", "--host", HOST, "--port", str(port)]
        argv += ["--app-dir", str(BENCH), "--no-access-log"]
        known = self.home.run / "answers"
        known.write_bytes(msgspec.msgpack.encode(answers or {}))
        ready = f"http://{HOST}:{port}/"
        child = self._start(Program("bare", argv, lambda: not_ready(ready), env={"BENCH_ANSWERS": str(known)}), SERVICE)
        return Server(port, child.pid)

    def start_drain(self, kafka: str, topic: str, group: str) -> None:
        """A stand-in for `group` that commits whatever `topic` holds."""
        argv = [sys.executable, "-m", "parts.drain", kafka, topic, group]
        self._start(Program("drain", argv, lambda: None, env={"PYTHONPATH": str(BENCH)}), OTHERS)

    def processor_seconds(self) -> dict[str, float]:
        """What each child has had of the processor so far."""
        return {child.program.name: processor_seconds(child.pid) for child in self._children}

    def check(self) -> None:
        """Raise ChildDied if a child has ended."""
        self._children.check()

    def _start_service(self, name: str, addresses: Addresses, cores: set[int]) -> Server:
        settings = LocalSettings.model_validate({"home": self.home.root, f"{name}_port": free_port()})
        (service,) = (each for each in SERVICES if each.name == name)
        child = self._start(program(service, settings, self.home, addresses), cores)
        return Server(settings.port_of(name), child.pid)

    def _start(self, what: Program, cores: set[int]) -> Child:
        with pinned(cores):
            child = self._children.start(what)
            self._children.wait_until_ready()
        return child


def _addresses(kafka: str, redis: str = "", database: dict[str, str] | None = None) -> Addresses:
    return Addresses(
        ingest="",
        metrics="",
        actions="",
        notify="",
        kafka=kafka,
        redis=redis,
        smtp="",
        database=database or {},
        volatile_broker=True,
    )
