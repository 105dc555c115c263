"""Locks between processes that share a database: free again the moment their holder is gone, however it went."""

import fcntl
import hashlib
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, text

from shared.driver_errors import translated


class Lock(Protocol):
    """Held by one process at a time. `take` answers whether it is now held; with `wait` it always is."""

    def take(self, *, wait: bool) -> bool: ...

    def release(self) -> None: ...


class PostgresLock:
    """An advisory lock bound to a transaction: a connection that breaks, or goes back to its pool, frees it."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        self._connection: Connection | None = None

    def take(self, *, wait: bool) -> bool:
        with translated():
            connection = self._engine.connect()
        function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        try:
            with translated():
                taken = connection.scalar(text(f"SELECT {function}(:key)"), {"key": self._key})
        except BaseException:
            connection.close()
            raise
        if not wait and not taken:
            connection.close()
            return False
        self._connection = connection
        return True

    def release(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


class FileLock:
    """`flock` on a file beside the SQLite file, whose users share one machine; the kernel frees it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self, *, wait: bool) -> bool:
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
