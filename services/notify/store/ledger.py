"""The ledger: who is told what, and what became of it. Each method is one transaction, its events written with it."""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from services.notify.attempts import INBOX, Outcome, Patience, following
from services.notify.models import Contact, Notification, Silence
from services.notify.silencing import covers
from services.notify.tellings import Telling
from shared.clock import Clock
from shared.database import Database
from shared.errors import NotFound, Unavailable
from shared.events import NotificationEvent
from shared.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Claim:
    """A notification that this process, and no other, may try to deliver now."""

    notification: Notification
    channels: Sequence[Any]


class Ledger:
    """The ledger of notifications. Raises Unavailable when the database does not answer."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        patience: Patience,
        lease_seconds: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database, self._outbox, self._clock = database, outbox, clock
        self._patience, self._lease, self._chance = patience, timedelta(seconds=lease_seconds), chance

    def notification(self, notification_id: str) -> Notification:
        with self._database.reading() as session:
            return _found(session.get(Notification, notification_id), notification_id)

    def notifications(self, owner: str | None, status: str | None, offset: int, limit: int) -> Sequence[Notification]:
        """The newest first."""
        query = select(Notification).order_by(col(Notification.created_at).desc(), Notification.id)
        if owner is not None:
            query = query.where(Notification.owner == owner)
        if status is not None:
            query = query.where(Notification.status == status)
        with self._database.reading() as session:
            return session.exec(query.offset(offset).limit(limit)).all()

    def owners(self) -> Sequence[Row[tuple[str, int]]]:
        """Everybody who was ever told something, with the number of notifications not yet acknowledged."""
        unseen = func.count().filter(col(Notification.status) != "acknowledged")
        query = select(Notification.owner, unseen).group_by(Notification.owner).order_by(Notification.owner)
        with self._database.reading() as session:
            return session.exec(query).all()  # type: ignore[return-value] # SQLModel says tuple, SQLAlchemy gives Row

    def enter(self, tellings: Sequence[Telling]) -> int:
        """Enter each telling once: one whose (cause, owner) is in the ledger changes nothing. Answers how many are new.

        Raises Unavailable, to be called again, when another process entered one of them at the same time.
        """
        try:
            with self._database.writing() as session:
                return sum(self._enter(session, telling) for telling in tellings)
        except IntegrityError as error:
            raise Unavailable("another process entered the same notification") from error

    def _enter(self, session: Session, telling: Telling) -> bool:
        known = select(Notification.id).where(Notification.cause == telling.cause, Notification.owner == telling.owner)
        if session.exec(known).first() is not None:
            return False
        contact = session.get(Contact, telling.owner)
        if telling.on_request and (contact is None or telling.on_request not in contact.also_on):
            return False
        now = self._clock.now()
        silences = session.exec(select(Silence).where(col(Silence.ends_at) > now)).all()
        silenced = any(covers(silence, telling, now) for silence in silences)
        row = Notification(
            id=uuid.uuid4().hex,
            owner=telling.owner,
            cause=telling.cause,
            about=telling.about,
            subject=telling.subject,
            text=telling.text,
            link=telling.link,
            status="silenced" if silenced else "pending",
            channel=INBOX,
            created_at=now,
            next_attempt_at=now,
        )
        session.add(row)
        self._tell(session, row)
        return True

    def claim(self, limit: int) -> list[Claim]:
        """Take up to `limit` notifications whose time has come; each is this process's until its lease ends.

        The attempt is counted before anything is sent: should we crash, nobody knows whether it was, so it is tried
        again after the lease, once. A second loss ends it as failed: an owner gets a message twice at the worst.
        """
        now = self._clock.now()
        free = or_(col(Notification.leased_until).is_(None), col(Notification.leased_until) <= now)
        query = select(Notification).where(
            Notification.status == "pending", col(Notification.next_attempt_at) <= now, free
        )
        ordered = query.order_by(col(Notification.next_attempt_at)).limit(limit)
        with self._database.writing() as session:
            rows = session.exec(ordered.with_for_update(skip_locked=True)).all()
            taken = [row for row in rows if self._take(session, row, now)]
            contacts = {row.owner: session.get(Contact, row.owner) for row in taken}
        return [Claim(row, contact.channels if (contact := contacts[row.owner]) else ()) for row in taken]

    def _take(self, session: Session, row: Notification, now: datetime) -> bool:
        if row.leased_until is not None:
            row.cut_short += 1
        if row.cut_short > 1:
            row.status, row.leased_until = "failed", None
            row.error = "two attempts were cut short; whether they arrived is not known"
            self._tell(session, row)
            return False
        row.attempts += 1
        row.leased_until = now + self._lease
        return True

    def finish(self, claim: Claim, outcome: Outcome) -> Notification:
        """Record what the attempt came to, unless the lease was lost or the owner has acknowledged meanwhile."""
        claimed, now = claim.notification, self._clock.now()
        with self._database.writing() as session:
            row = session.get_one(Notification, claimed.id, with_for_update=True)
            if row.status != "pending" or row.attempts != claimed.attempts:
                return row
            after = following(outcome, row.delivered, row.attempts, self._patience, self._chance())
            row.delivered = [*row.delivered, *outcome.delivered]
            row.channel, row.error, row.leased_until = after.channel, after.error, None
            if after.pause_seconds is not None:
                row.next_attempt_at = now + timedelta(seconds=after.pause_seconds)
                return row
            row.status = after.status
            row.sent_at = now if after.status == "sent" else None
            self._tell(session, row)
        return row

    def acknowledge(self, notification_id: str, by: str) -> Notification:
        """Once; a second time changes nothing. What was still to be delivered is not."""
        with self._database.writing() as session:
            row = _found(session.get(Notification, notification_id, with_for_update=True), notification_id)
            if row.status != "acknowledged":
                row.status, row.leased_until = "acknowledged", None
                row.acknowledged_at, row.acknowledged_by = self._clock.now(), by
                self._tell(session, row)
        return row

    def _tell(self, session: Session, row: Notification) -> None:
        event = NotificationEvent(
            notification_id=row.id,
            owner=row.owner,
            subject=row.subject,
            status=row.status,
            channel=row.channel,
            cause=row.cause,
            at=self._clock.now(),
        )
        self._outbox.add(session, event)


def _found(row: Notification | None, notification_id: str) -> Notification:
    if row is None:
        raise NotFound(f"no notification has the id {notification_id!r}")
    return row
