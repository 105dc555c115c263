"""Everything that actions keeps: each method is one transaction, its events written with the change they tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import and_, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from services.actions.events import Kind, action_event, created_id, updated_id
from services.actions.models import Action, ActionOwner, Board, Meeting, Reminded
from services.actions.reminders import Policy, Reminder, reminder
from shared.clock import Clock
from shared.database import Database
from shared.errors import Conflict, NotFound
from shared.outbox import Outbox

RowT = TypeVar("RowT", Board, Meeting, Action)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which actions are asked for: every part that is given must hold."""

    owner: str | None = None
    status: str | None = None
    board: str | None = None
    overdue_on: date | None = None


class Store:
    """Boards, meetings, actions and reminders. Raises Unavailable when the database does not answer."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock, public_url: str) -> None:
        self._database, self._outbox, self._clock = database, outbox, clock
        self._public_url = public_url.rstrip("/")

    def find(self, table: type[RowT], row_id: str) -> RowT | None:
        with self._database.reading() as session:
            return session.get(table, row_id)

    def get(self, table: type[RowT], row_id: str) -> RowT:
        """Raises NotFound, naming what was looked for."""
        row = self.find(table, row_id)
        if row is None:
            raise _missing(table, row_id)
        return row

    def list_all(self, table: type[RowT], offset: int, limit: int) -> Sequence[RowT]:
        """By id."""
        with self._database.reading() as session:
            return session.exec(select(table).order_by(col(table.id)).offset(offset).limit(limit)).all()

    def list_actions(self, wanted: Filter, offset: int, limit: int) -> Sequence[Action]:
        """Those due first come first; then, without a day, by id."""
        query = select(Action).order_by(col(Action.due_on).is_(None), col(Action.due_on), col(Action.id))
        if wanted.owner is not None:
            owned = select(ActionOwner.action_id).where(ActionOwner.owner == wanted.owner)
            query = query.where(col(Action.id).in_(owned))
        if wanted.status is not None:
            query = query.where(Action.status == wanted.status)
        if wanted.board is not None:
            query = query.where(Action.board == wanted.board)
        if wanted.overdue_on is not None:
            query = query.where(Action.status == "open", col(Action.due_on) < wanted.overdue_on)
        with self._database.reading() as session:
            return session.exec(query.offset(offset).limit(limit)).all()

    def keep(self, row: RowT) -> tuple[RowT, bool]:
        """Keep a new row; answers the row and whether it is new.

        The same content posted again answers the row as it is now; other content under its id, or under its number
        in a meeting, raises Conflict that names the existing one.
        """
        return self._once_more(lambda: self._keep(row))

    def _keep(self, row: RowT) -> tuple[RowT, bool]:
        with self._database.writing() as session:
            existing = session.get(type(row), row.id)
            if existing is not None:
                if existing.fingerprint != row.fingerprint:
                    raise _conflict(existing)
                return existing, False
            if other := _same_number(session, row):
                raise _conflict(other)
            session.add(row)
            if isinstance(row, Action):
                self._tell(session, row, "created", created_id(row), self._clock.today())
        return row, True

    def change(self, action_id: str, change: Callable[[Action], bool]) -> Action:
        """Apply `change`, which may refuse by raising; nothing is written or told when it answers False.

        The row stays locked from before `change` sees it until the commit, so that no other change slips between.
        """
        return self._once_more(lambda: self._change(action_id, change))

    def _change(self, action_id: str, change: Callable[[Action], bool]) -> Action:
        with self._database.writing() as session:
            action = session.get(Action, action_id, with_for_update=True)
            if action is None:
                raise _missing(Action, action_id)
            if change(action):
                if other := _same_number(session, action):
                    raise _conflict(other)
                action.version += 1
                action.updated_at = self._clock.now()
                self._tell(session, action, "updated", updated_id(action), self._clock.today())
        return action

    def remind(self, day: date, policy: Policy) -> list[Reminder]:
        """Give every reminder that is called for as of `day` and was not given before; answers those now given.

        The actions are locked, in order of id: two replicas that evaluate at once take their turn, and the second
        finds that everything was given.
        """
        with self._database.writing() as session:
            dated = select(Action).where(Action.status == "open", col(Action.due_on).is_not(None))
            actions = session.exec(dated.order_by(col(Action.id)).with_for_update()).all()
            called_for = [(each, reminder(each.id, each.status, each.due_on, day, policy)) for each in actions]
            event_ids = [due.event_id for _, due in called_for if due]
            given = set(session.exec(select(Reminded.event_id).where(col(Reminded.event_id).in_(event_ids))).all())
            fresh = [(action, due) for action, due in called_for if due and due.event_id not in given]
            for action, due in fresh:
                now = self._clock.now()
                session.add(Reminded(event_id=due.event_id, action_id=action.id, as_of=day, given_at=now))
                self._tell(session, action, due.kind, due.event_id, day)
        return [due for _, due in fresh]

    def count_overdue(self, day: date) -> dict[str, int]:
        """Overdue actions as of `day`, for every board."""
        late = and_(Action.board == Board.id, Action.status == "open", col(Action.due_on) < day)  # type: ignore[arg-type] # SQLModel types columns as their values
        query = select(Board.id, func.count(col(Action.id))).join(Action, late, isouter=True).group_by(Board.id)
        with self._database.reading() as session:
            return dict(session.exec(query).all())

    def _tell(self, session: Session, action: Action, kind: Kind, event_id: str, as_of: date) -> None:
        board = session.get_one(Board, action.board)
        link = f"{self._public_url}/v1/actions/{action.id}"
        now = self._clock.now()
        event = action_event(action, board.name, kind, event_id=event_id, as_of=as_of, link=link, at=now)
        self._outbox.add(session, event)

    @staticmethod
    def _once_more(work: Callable[[], T]) -> T:
        try:
            return work()
        except IntegrityError:
            # Another replica kept the same id or number between our look and our commit: now we can see it.
            return work()


def _same_number(session: Session, row: Board | Meeting | Action) -> Action | None:
    if not isinstance(row, Action) or row.meeting is None or row.number is None:
        return None
    taken = select(Action).where(Action.meeting == row.meeting, Action.number == row.number, Action.id != row.id)
    with session.no_autoflush:  # the database would refuse the number before we can say whose it is
        return session.exec(taken).first()


def _missing(table: type[Board | Meeting | Action], row_id: str) -> NotFound:
    return NotFound(f"no {table.__name__.lower()} has the id {row_id!r}")


def _conflict(existing: Board | Meeting | Action) -> Conflict:
    kind = type(existing).__name__.lower()
    where = f"/v1/{existing.__tablename__}/{existing.id}"
    return Conflict(f"the {kind} {existing.id!r} exists with other content", extra={"existing": where})
