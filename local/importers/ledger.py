"""The crimes and outcomes of data.police.uk that were imported before, so that a later outcome finds its crimes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from local.errors import LocalError
from local.importers.locks import alone

_BUFFERED = 2_000
_TABLES = """
create table if not exists outcomes (
    dataset text, crime text, type text, month text, published integer, import text, primary key (dataset, crime)
) without rowid;
create table if not exists crimes (
    dataset text, crime text, record text, month text, area text, offence text, type text, decided text,
    revision integer, published integer, import text, primary key (dataset, crime, record)
) without rowid;
"""
# Of one month's outcomes the one further down in the file is the later; a file that is read again ends with the same.
_KEEP_OUTCOME = """
insert into outcomes values (?, ?, ?, ?, ?, ?) on conflict do update set type = excluded.type, month = excluded.month,
published = excluded.published, import = excluded.import
where excluded.month >= month and excluded.published >= published
"""
_KEEP_CRIME = """
insert into crimes values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set month = excluded.month,
area = excluded.area, offence = excluded.offence, type = excluded.type, decided = excluded.decided,
revision = excluded.revision, published = excluded.published, import = excluded.import
where excluded.revision >= revision
"""
_CHANGE_CRIME = """
update crimes set type = ?, decided = ?, revision = ? where dataset = ? and crime = ? and record = ?
"""
_OF_EARLIER = """
from outcomes join crimes using (dataset, crime)
where outcomes.dataset = ?1 and outcomes.import = ?2 and crimes.import <> ?2
"""


class KnownOutcome(NamedTuple):
    """The latest outcome of a crime id: its type, its month (YYYY-MM), and the revision of its publication."""

    type: str
    month: str
    published: int


class KnownCrime(NamedTuple):
    """A row of a street file as it was posted last. `published` is the revision of its file, without its outcome."""

    crime: str
    record: str
    month: str
    area: str
    offence: str
    type: str | None
    decided: str | None
    revision: int
    published: int


class Ledger:
    """One dataset's rows, and which `job` (import) brought them last. Nothing stays that is not committed."""

    def __init__(self, connection: sqlite3.Connection, dataset: str, job: str) -> None:
        self._sql, self._dataset, self._job = connection, dataset, job
        self._crimes: list[tuple[object, ...]] = []
        self._sql.executescript(_TABLES)

    def keep_outcome(self, crime: str, outcome: KnownOutcome) -> None:
        self._sql.execute(_KEEP_OUTCOME, (self._dataset, crime, *outcome, self._job))

    def keep_crime(self, crime: KnownCrime) -> None:
        self._crimes.append((self._dataset, *crime, self._job))
        if len(self._crimes) >= _BUFFERED:
            self._flush()

    def change_crime(self, crime: KnownCrime) -> None:
        """Keep its outcome and revision. It stays a crime of the import that brought it."""
        key = self._dataset, crime.crime, crime.record
        self._sql.execute(_CHANGE_CRIME, (crime.type, crime.decided, crime.revision, *key))

    def outcome(self, crime: str) -> KnownOutcome | None:
        """The latest outcome of the crime id `crime`."""
        wanted = "select type, month, published from outcomes where dataset = ? and crime = ?"
        row = self._sql.execute(wanted, (self._dataset, crime)).fetchone()
        return None if row is None else KnownOutcome(*row)

    def crimes_of_earlier_imports(self) -> Iterator[tuple[KnownCrime, KnownOutcome]]:
        """Crimes of other imports whose outcomes stand in this one's files, in a fixed order."""
        self._flush()
        columns = ", ".join(f"crimes.{name}" for name in KnownCrime._fields)
        wanted = f"select {columns}, outcomes.type, outcomes.month, outcomes.published {_OF_EARLIER}"
        for row in self._sql.execute(f"{wanted} order by crimes.crime, crimes.record", (self._dataset, self._job)):
            yield KnownCrime(*row[:-3]), KnownOutcome(*row[-3:])

    def how_many_of_earlier_imports(self) -> int:
        self._flush()
        row = self._sql.execute(f"select count(*) {_OF_EARLIER}", (self._dataset, self._job)).fetchone()
        return int(row[0])

    def waiting(self) -> int:
        """Outcomes of this import whose crime was never imported."""
        self._flush()
        wanted = (
            "select count(*) from outcomes where dataset = ?1 and import = ?2 and not exists "
            "(select 1 from crimes where crimes.dataset = ?1 and crimes.crime = outcomes.crime)"
        )
        return int(self._sql.execute(wanted, (self._dataset, self._job)).fetchone()[0])

    def commit(self) -> None:
        self._flush()
        self._sql.commit()

    def _flush(self) -> None:
        self._sql.executemany(_KEEP_CRIME, self._crimes)
        self._crimes.clear()


@contextmanager
def opened(path: Path, dataset: str, job: str, *, rehearsal: bool) -> Iterator[Ledger]:
    """The ledger that is kept at `path`. A rehearsal sees what is there, and leaves nothing behind.

    LocalError if another import or rehearsal has it, or the file cannot be used.
    """
    if rehearsal and not path.exists():
        with closing(sqlite3.connect(":memory:")) as connection:
            yield Ledger(connection, dataset, job)
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What is not committed when the connection is closed is rolled back.
        with alone(path.with_suffix(".lock"), "data.police.uk"), closing(sqlite3.connect(path)) as connection:
            connection.execute("pragma journal_mode = wal")
            yield Ledger(connection, dataset, job)
    except (OSError, sqlite3.Error) as error:
        raise LocalError(f"{path}: {error}") from error
