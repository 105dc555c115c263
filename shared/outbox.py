"""The transactional outbox: an event is written in the transaction of the change that it tells, and relayed after.

At least once and in order: rows are published by their number, and marked only after Kafka's acknowledgement, so a
crash in between publishes them again with the same event id. One process relays at a time; a second one that took
the rows that the first had not locked would overtake it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from prometheus_client import Gauge
from sqlalchemy import JSON, event, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from shared.clock import Clock
from shared.database import Database, UtcDateTime
from shared.events import Message, Notice, notice_message

PENDING = Gauge("oversight_outbox_pending_events", "Events written but not yet acknowledged by Kafka.", ["service"])
_BATCH = 200


class OutboxRow(SQLModel):
    """One event as it will be published. A service's table is `class Outbox(OutboxRow, table=True)`."""

    number: int | None = Field(default=None, primary_key=True)
    topic: str
    key: bytes
    value: bytes
    headers: list[list[str]] = Field(sa_type=JSON)
    written_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)

    def message(self) -> Message:
        headers = [(name, value.encode()) for name, value in self.headers]
        return Message(self.topic, self.key, self.value, headers)


class Publishes(Protocol):
    """shared.kafka.Publisher, as far as the relay needs it: raises Unavailable when Kafka does not acknowledge."""

    async def publish(self, messages: Sequence[Message]) -> Any: ...


class Outbox:
    """Writes events into `table`. `announce` is called after each commit that wrote one, from the writer's thread."""

    def __init__(self, table: type[OutboxRow], service: str, clock: Clock, announce: Callable[[], None]) -> None:
        self._table, self._service, self._clock, self._announce = table, service, clock, announce

    def add(self, session: Session, notice: Notice) -> None:
        """Write `notice` in the session's transaction.

        What it tells of is flushed first: PostgreSQL hands out row numbers before the commit, so of two changes of
        one row the second gets its number only once it has that row's lock, and thus a higher one.
        """
        session.flush()
        message = notice_message(notice, self._service)
        session.add(
            self._table(
                topic=message.topic,
                key=message.key,
                value=message.value,
                headers=[[name, value.decode()] for name, value in message.headers],
                written_at=self._clock.now(),
            )
        )
        session.flush()
        event.listen(session, "after_commit", lambda _session: self._announce(), once=True)


class Relay:
    """Publishes what an outbox holds. `step` is one round, for a Loop."""

    def __init__(
        self, database: Database, table: type[OutboxRow], publisher: Publishes, service: str, clock: Clock
    ) -> None:
        self._database, self._table, self._publisher = database, table, publisher
        self._service, self._clock = service, clock

    async def step(self) -> bool:
        """Publish one batch, unless another process is relaying; True when more is waiting."""
        lock = self._database.lock(f"{self._service}-relay")
        if not await asyncio.to_thread(lock.take, wait=False):
            return False
        try:
            rows = await asyncio.to_thread(self._waiting)
            if rows:
                await self._publisher.publish([row.message() for row in rows])
                await asyncio.to_thread(self._mark, rows)
        finally:
            await asyncio.to_thread(lock.release)
        return len(rows) == _BATCH

    def _waiting(self) -> Sequence[OutboxRow]:
        table = self._table
        unpublished = col(table.published_at).is_(None)
        with self._database.reading() as session:
            PENDING.labels(self._service).set(session.exec(select(func.count()).where(unpublished)).one())
            return session.exec(select(table).where(unpublished).order_by(col(table.number)).limit(_BATCH)).all()

    def _mark(self, rows: Sequence[OutboxRow]) -> None:
        numbers = [row.number for row in rows]
        with self._database.writing() as session:
            changed = update(self._table).where(col(self._table.number).in_(numbers))
            session.exec(changed.values(published_at=self._clock.now()))
        PENDING.labels(self._service).dec(len(rows))
