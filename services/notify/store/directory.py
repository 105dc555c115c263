"""Who can be reached how, and who is not to be told for a while. Each method is one transaction."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.notify.models import Contact, Silence
from shared.clock import Clock
from shared.database import Database
from shared.errors import NotFound


class Directory:
    """Contacts and silences. Raises Unavailable when the database does not answer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def put_contact(self, contact: Contact) -> Contact:
        try:
            return self._put(contact)
        except IntegrityError:
            # Another replica has made the same contact since we looked for it: now it is there to be changed.
            return self._put(contact)

    def _put(self, contact: Contact) -> Contact:
        with self._database.writing() as session:
            return session.merge(contact)

    def contact(self, owner: str) -> Contact:
        with self._database.reading() as session:
            found = session.get(Contact, owner)
        if found is None:
            raise NotFound(f"no contact is kept for {owner!r}")
        return found

    def contacts(self, offset: int, limit: int) -> Sequence[Contact]:
        with self._database.reading() as session:
            return session.exec(select(Contact).order_by(Contact.owner).offset(offset).limit(limit)).all()

    def add_silence(self, silence: Silence) -> None:
        with self._database.writing() as session:
            session.add(silence)

    def silences(self, offset: int, limit: int) -> Sequence[Silence]:
        """The one that ends last comes first."""
        query = select(Silence).order_by(col(Silence.ends_at).desc(), Silence.id)
        with self._database.reading() as session:
            return session.exec(query.offset(offset).limit(limit)).all()

    def end_silence(self, silence_id: str) -> None:
        """It ends now, unless it has ended; it stays on record."""
        with self._database.writing() as session:
            silence = session.get(Silence, silence_id)
            if silence is None:
                raise NotFound(f"no silence has the id {silence_id!r}")
            silence.ends_at = min(silence.ends_at, self._clock.now())
