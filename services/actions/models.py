"""Boards, meetings and actions: what is posted, what is kept, what is shown."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator, field_validator, model_validator
from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel
from sqlmodel._compat import SQLModelConfig

from services.actions.due import Due
from shared.database import UtcDateTime
from shared.names import Id, Line, Name, Owner, Text
from shared.outbox import OutboxRow

Status = Literal["open", "done", "withdrawn"]
Number = Annotated[int, Field(ge=1, le=100_000)]
STRICT = SQLModelConfig(extra="forbid")


def _each_once(owners: list[str]) -> list[str]:
    return list(dict.fromkeys(owners))


Owners = Annotated[list[Owner], MinLen(1), MaxLen(20), AfterValidator(_each_once)]


class BoardBase(SQLModel):
    name: Name


class BoardCreate(BoardBase):
    model_config = STRICT

    id: Id | None = Field(default=None, description="made from the name unless given")


class BoardPublic(BoardBase):
    id: str
    created_at: datetime


class Board(BoardBase, table=True):
    __tablename__ = "boards"

    id: str = Field(primary_key=True)
    fingerprint: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class MeetingBase(SQLModel):
    held_on: date
    title: Line = ""


class MeetingCreate(MeetingBase):
    model_config = STRICT

    id: Id | None = Field(default=None, description="made from the board and the day unless given")
    board: Id


class MeetingPublic(MeetingBase):
    id: str
    board: str
    created_at: datetime


class Meeting(MeetingBase, table=True):
    __tablename__ = "meetings"

    id: str = Field(primary_key=True)
    board: str = Field(foreign_key="boards.id", index=True)
    fingerprint: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class ActionBase(SQLModel):
    number: Number | None = Field(default=None, description="as minuted; unique within a meeting")
    text: Text
    paragraph: Line | None = Field(default=None, description="of the minutes, such as 2.3")
    status: Status = Field(default="open", index=True, sa_type=String)


class ActionCreate(ActionBase):
    model_config = STRICT

    id: Id | None = Field(default=None, description="made from meeting and number unless given")
    board: Id | None = Field(default=None, description="the meeting's, unless given")
    meeting: Id | None = None
    owners: Owners = Field(description="bodies or roles, such as MPS")
    due: Due = Due()

    @model_validator(mode="after")
    def _has_a_board(self) -> "ActionCreate":
        if self.board is None and self.meeting is None:
            raise ValueError("name the 'meeting' that agreed the action, or at least the 'board'")
        return self


class ActionUpdate(SQLModel):
    """What may change. Only the members that are sent do; `due` and `owners` are replaced whole."""

    model_config = STRICT

    number: Number | None = None
    text: Text | None = None
    paragraph: Line | None = None
    status: Status | None = None
    owners: Owners | None = None
    due: Due | None = None

    @field_validator("text", "status", "owners", "due", mode="before")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("may be left out, but not null")
        return value


class ActionPublic(ActionBase):
    id: str
    board: str
    meeting: str | None
    owners: list[str]
    due: Due
    days_overdue: int = Field(description="as of `overdue_on`, or of today in London")
    created_at: datetime
    updated_at: datetime


class ActionOwner(SQLModel, table=True):
    __tablename__ = "action_owners"

    action_id: str = Field(foreign_key="actions.id", primary_key=True)
    owner: str = Field(primary_key=True, index=True)
    position: int


class Action(ActionBase, table=True):
    __tablename__ = "actions"
    __table_args__ = (UniqueConstraint("meeting", "number"),)

    id: str = Field(primary_key=True)
    board: str = Field(foreign_key="boards.id", index=True)
    meeting: str | None = Field(default=None, foreign_key="meetings.id")
    due_kind: str
    due_on: date | None = Field(default=None, index=True)
    due_text: str | None = None
    version: int = 1
    fingerprint: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    owned_by: list[ActionOwner] = Relationship(
        sa_relationship_kwargs={
            "lazy": "selectin",
            "order_by": "ActionOwner.position",
            "cascade": "all, delete-orphan",
        }
    )

    @property
    def owners(self) -> list[str]:
        return [each.owner for each in self.owned_by]


class Reminded(SQLModel, table=True):
    """A reminder that was given, so that no day gives it twice."""

    __tablename__ = "reminders"

    event_id: str = Field(primary_key=True)
    action_id: str = Field(foreign_key="actions.id", index=True)
    as_of: date
    given_at: datetime = Field(sa_type=UtcDateTime)


class Outbox(OutboxRow, table=True):
    __tablename__ = "actions_outbox"
