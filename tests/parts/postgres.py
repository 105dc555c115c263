"""PostgreSQL: a cluster of its own in a temporary directory, with Debian's binaries or those on PATH."""

import os
import pwd
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.parts.process import Part, PartError

OWNER = "oversight"


def _binaries() -> Path:
    """The newest server's directory of programs: Debian keeps them off PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    if newest:
        return newest.parent
    if on_path := shutil.which("postgres"):
        return Path(on_path).resolve().parent
    raise PartError("no PostgreSQL server: install the package `postgresql`")


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as, or None when we are somebody else."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class Postgres(Part):
    """A server on a free port of 127.0.0.1 and a Unix socket in `home`; nothing outlives the part."""

    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: SIGTERM would wait for clients to leave
    orphan_signal = signal.SIGQUIT  # immediate shutdown, which takes its children along

    def __init__(self) -> None:
        self.user = _server_user()
        self._binaries = _binaries()
        super().__init__()

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        """SQLAlchemy's URL of a database, with the psycopg 3 driver."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{name}"

    def create_database(self, name: str) -> str:
        """Make an empty database and answer its URL; psycopg.errors.DuplicateDatabase if there is one."""
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.database_url(name)

    def prepare(self) -> None:
        how = [
            "--username",
            OWNER,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C.UTF-8",
            "--no-sync",
        ]
        self.run(str(self._binaries / "initdb"), "-D", str(self.data), *how)

    def command(self) -> list[str]:
        # Without fsync the data outlive a kill of the process, though not of the machine: enough for tests.
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "fsync": "off",
            "max_connections": 100,
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self._binaries / "postgres"), "-D", str(self.data), "-k", str(self.home), *options]

    def answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill the server and its workers, whose hold on its shared memory would stop the next start."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children") if self.running else None
        workers = children.read_text().split() if children else []
        super().kill()
        for worker in workers:
            with suppress(ProcessLookupError):  # it saw its parent die
                os.kill(int(worker), signal.SIGKILL)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=2,
        )
