"""Where publications are kept: they are added and read, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from services.metrics.publications.document import Altered, Frozen, hash_of, opened
from services.metrics.publications.models import Publication
from services.metrics.publications.punctuality import Out
from shared.clock import LONDON, Clock
from shared.database import Database
from shared.errors import Conflict, NotFound

_LISTED = (
    Publication.id,
    Publication.table_id,
    Publication.title,
    Publication.area,
    Publication.dataset,
    Publication.ends_on,
    Publication.status,
    Publication.release_on,
    Publication.embargo_until,
    Publication.frozen_at,
    Publication.hash,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which publications are asked for: every part that is given must hold."""

    table: str | None = None
    area: str | None = None
    dataset: str | None = None
    status: str | None = None
    end: date | None = None


class Kept(NamedTuple):
    """A publication with the bytes that its hash was made of."""

    frozen: Frozen
    hash: str
    document: bytes


class Publications:
    """Publications. `embargoed` says whether the asker may know of those whose embargo has not ended.

    What may not be known of is not found, by the same query and in the same words as what there is not. Raises
    Unavailable when the database does not answer, Altered for a publication that is not what was frozen.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def keep(self, frozen: Frozen, document: bytes, fingerprint: str) -> tuple[Kept, bool]:
        """Keep a new publication; answers it and whether it is new; see `known` for one that is not."""
        row = Publication(
            id=frozen.id,
            table_id=frozen.table,
            title=frozen.title,
            area=frozen.area,
            dataset=frozen.dataset,
            ends_on=frozen.end,
            status=frozen.status,
            release_on=frozen.release_on,
            embargo_until=frozen.embargo_until,
            frozen_at=frozen.frozen_at,
            fingerprint=fingerprint,
            hash=hash_of(document),
            document=document,
        )
        try:
            with self._database.writing() as session:
                session.add(row)
        except IntegrityError:
            # Another request kept the id between our look and our commit: what it kept stands.
            kept = self.known(frozen.id, fingerprint)
            if kept is None:
                raise
            return kept, False
        return _opened(row), True

    def known(self, publication_id: str, fingerprint: str) -> Kept | None:
        """The publication that the same request made before; Conflict if another request did."""
        with self._database.reading() as session:
            row = session.get(Publication, publication_id)
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            where = f"/v1/publications/{publication_id}"
            message = f"the publication {publication_id!r} exists and stands as it is; give another id"
            raise Conflict(message, extra={"existing": where})
        return _opened(row)

    def get(self, publication_id: str, *, embargoed: bool) -> Kept:
        """Raises NotFound."""
        with self._database.reading() as session:
            query = select(Publication).where(Publication.id == publication_id, *self._visible(embargoed))
            row = session.exec(query).first()
        if row is None:
            # Never cached: it may be released in the next moment.
            missing = f"no publication {publication_id!r} has been released"
            raise NotFound(missing, headers={"Cache-Control": "no-store"})
        return _opened(row)

    def find(self, wanted: Filter, offset: int, limit: int, *, embargoed: bool) -> Sequence[Publication]:
        """Those released last come first. Their documents are not read."""
        given = {
            Publication.table_id: wanted.table,
            Publication.area: wanted.area,
            Publication.dataset: wanted.dataset,
            Publication.status: wanted.status,
            Publication.ends_on: wanted.end,
        }
        having = [column == value for column, value in given.items() if value is not None]
        query = select(Publication).options(load_only(*_LISTED, raiseload=True))  # type: ignore[arg-type] # as below
        query = query.where(*having, *self._visible(embargoed))
        query = query.order_by(col(Publication.embargo_until).desc(), col(Publication.id))
        with self._database.reading() as session:
            return session.exec(query.offset(offset).limit(limit)).all()

    def released(self) -> list[Out]:
        """Every publication that has been released, and when, for the calendar."""
        return [
            Out(each.id, each.table_id, each.area, each.dataset, each.ends_on, _london_day(each.embargo_until))
            for each in self.find(Filter(), 0, _ALL, embargoed=False)
        ]

    def _visible(self, embargoed: bool) -> list[ColumnElement[bool]]:
        return [] if embargoed else [col(Publication.embargo_until) <= self._clock.now()]


_ALL = 2**31 - 1
_SAME = ("id", "title", "area", "dataset", "status", "release_on", "embargo_until", "frozen_at")


def _opened(row: Publication) -> Kept:
    """The publication, once its bytes have their hash and its row says what they say."""
    frozen = opened(row.document, row.hash)
    if _said_of(row) != (frozen.table, frozen.end, *(getattr(frozen, name) for name in _SAME)):
        raise Altered(f"the row of the publication {row.id!r} says what was not frozen; see the runbook")
    return Kept(frozen, row.hash, row.document)


def _said_of(row: Publication) -> tuple[Any, ...]:
    """What the row says by which a publication is found and listed."""
    return (row.table_id, row.ends_on, *(getattr(row, name) for name in _SAME))


def _london_day(at: datetime) -> date:
    return at.astimezone(LONDON).date()
