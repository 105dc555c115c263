"""The relational database of a service: SQLite in the embedded stack, PostgreSQL when configured."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session

from shared.driver_errors import translated
from shared.locks import FileLock, Lock, PostgresLock

_BUSY_SECONDS = 10


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: SQLite would forget the offset, and compares datetimes as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no offset from UTC")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Sessions and locks on one SQLAlchemy URL. Nothing connects before it is used.

    Raises ValueError for a URL that is neither PostgreSQL nor a SQLite file; a database that does not answer, or a
    SQLite file that stays locked for ten seconds, raises Unavailable from within a session.
    """

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self._url) if self._sqlite else _postgres_engine(self._url)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and changes nothing."""
        with translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back whole.

        SQLite writers take their turn from the start: a transaction that reads and then writes could otherwise find
        that another had written in between, and fail.
        """
        engine = self.engine.execution_options(begin="IMMEDIATE") if self._sqlite else self.engine
        with translated(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def lock(self, name: str) -> Lock:
        """A lock that every process on this database knows by `name`."""
        if not self._sqlite:
            return PostgresLock(self.engine, name)
        return FileLock(Path(f"{self._url.database}.{name}.lock"))

    def ready(self) -> str | None:
        """None when the database answers, else what is wrong."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return f"the database does not answer: {type(error).__name__}"
        return None

    def close(self) -> None:
        self.engine.dispose()


def _parsed(text_url: str) -> URL:
    try:
        url = make_url(text_url)
    except ArgumentError:
        raise ValueError("not a database URL; write postgresql://USER@HOST/NAME or sqlite:///PATH") from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"postgresql", "sqlite"}:
        raise ValueError(f"{url.drivername!r} is not supported; write postgresql://... or sqlite:///PATH")
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file, which outlives the process: sqlite:///PATH")
    return url


def _postgres_engine(url: URL) -> Engine:
    # As many connections as the threads that serve requests, and some for the background tasks.
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=45, connect_args={"connect_timeout": 5})


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_size=5, max_overflow=45)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        for pragma in ("journal_mode=WAL", f"busy_timeout={_BUSY_SECONDS * 1000}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine
