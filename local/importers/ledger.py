"""What was imported of data.police.uk before: a later outcome finds its crimes, a later edition what it lacks."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from local.errors import LocalError
from local.importers import ledger_sql as sql
from local.importers.known_crimes import KnownCrime, KnownOutcome, Withdrawal
from local.importers.locks import alone

_BUFFERED = 2_000
_COLUMNS = ", ".join(f"crimes.{name}" for name in KnownCrime._fields[:-1]) + ", crimes.withdrawn is not null"


class Ledger:
    """One dataset's rows, and which `job` (import) brought them last. Nothing stays that is not committed."""

    def __init__(self, connection: sqlite3.Connection, dataset: str, job: str) -> None:
        self._sql, self._dataset, self._job = connection, dataset, job
        self._crimes: list[KnownCrime] = []
        self._calls: list[tuple[object, ...]] = []
        self._sql.executescript(sql.TABLES)

    def keep_outcome(self, crime: str, outcome: KnownOutcome) -> None:
        self._sql.execute(sql.KEEP_OUTCOME, (self._dataset, crime, *outcome, self._job))

    def keep_crime(self, crime: KnownCrime) -> None:
        self._crimes.append(crime)
        if len(self._crimes) >= _BUFFERED:
            self._flush()

    def keep_call(self, record: str, month: str, force: str, published: int) -> None:
        self._calls.append((self._dataset, record, month, force, published))
        if len(self._calls) >= _BUFFERED:
            self._flush()

    def change_crime(self, crime: KnownCrime) -> None:
        """Keep its outcome and revision. It stays a crime of the import that brought it."""
        key = self._dataset, crime.crime, crime.record
        self._sql.execute(sql.CHANGE_CRIME, (crime.type, crime.decided, crime.revision, *key))

    def withdraw(self, crime: KnownCrime) -> None:
        """Keep that it is being withdrawn, and with which revision."""
        key = self._dataset, crime.crime, crime.record
        self._sql.execute(sql.WITHDRAW, (crime.revision, *key))

    def settle(self) -> None:
        """Ingest has answered for all that this import withdrew."""
        self._sql.execute(sql.SETTLE, (self._dataset,))

    def withdrawals(self) -> dict[str, Withdrawal]:
        """Of each withdrawn crime, by its record."""
        return {record: Withdrawal(*rest) for record, *rest in self._sql.execute(sql.WITHDRAWN, (self._dataset,))}

    def covers(self, places: Iterable[tuple[str, str]], published: int) -> None:
        """This import has whole street files of these months and forces."""
        rows = [(*place, published) for place in places]
        self._sql.executemany("insert or ignore into temp.covering values (?, ?, ?)", rows)

    def cover(self) -> None:
        """Keep what this import covers, all of its street files having been read."""
        self._sql.execute(sql.COVER, (self._dataset,))

    def vanished(self) -> list[KnownCrime]:
        """Crimes that the latest publication of their month and force does not have, in a fixed order.

        Those whose withdrawal ingest has not answered for yet are among them.
        """
        self._flush()
        wanted = f"select {_COLUMNS} {sql.VANISHED.format(table='crimes')} and withdrawn is not 'done'"
        rows = self._sql.execute(f"{wanted} order by crimes.crime, crimes.record", (self._dataset,))
        return [KnownCrime._make((*row[:-1], bool(row[-1]))) for row in rows]

    def known_by_place(self) -> Counter[str]:
        """How many crimes other imports have brought of what this one covers, by month, force and area."""
        return Counter(dict(self._sql.execute(sql.BY_PLACE, (self._dataset, self._job))))

    def how_many_covered_later(self) -> int:
        """Of how many months and forces that this import covers a later publication was imported, which stands."""
        return self._count(sql.COVERED_LATER)

    def how_many_calls_vanished(self) -> int:
        self._flush()
        return self._count(sql.VANISHED.format(table="calls"))

    def outcome(self, crime: str) -> KnownOutcome | None:
        """The latest outcome of the crime id `crime`."""
        wanted = "select type, month, published from outcomes where dataset = ? and crime = ?"
        row = self._sql.execute(wanted, (self._dataset, crime)).fetchone()
        return None if row is None else KnownOutcome(*row)

    def crimes_of_earlier_imports(self) -> Iterator[tuple[KnownCrime, KnownOutcome]]:
        """Crimes of other imports whose outcomes stand in this one's files, in a fixed order."""
        self._flush()
        wanted = f"select {_COLUMNS}, outcomes.type, outcomes.month, outcomes.published {sql.OF_EARLIER}"
        for row in self._sql.execute(f"{wanted} order by crimes.crime, crimes.record", (self._dataset, self._job)):
            yield KnownCrime._make((*row[:-4], bool(row[-4]))), KnownOutcome(*row[-3:])

    def how_many_of_earlier_imports(self) -> int:
        self._flush()
        return self._count(sql.OF_EARLIER, self._job)

    def waiting(self) -> int:
        """Outcomes of this import whose crime was never imported."""
        self._flush()
        return self._count(
            "from outcomes where dataset = ?1 and import = ?2 and not exists "
            "(select 1 from crimes where crimes.dataset = ?1 and crimes.crime = outcomes.crime)",
            self._job,
        )

    def _count(self, rows: str, *more: str) -> int:
        return int(self._sql.execute(f"select count(*) {rows}", (self._dataset, *more)).fetchone()[0])

    def commit(self) -> None:
        self._flush()
        self._sql.commit()

    def _flush(self) -> None:
        self._sql.executemany(sql.KEEP_CRIME, [(self._dataset, *each[:-1], self._job) for each in self._crimes])
        seen = [(self._dataset, each.crime, each.record, each.published) for each in self._crimes]
        self._sql.executemany(sql.SEE_CRIME, seen)
        self._sql.executemany(sql.KEEP_CALL, self._calls)
        self._crimes.clear()
        self._calls.clear()


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
