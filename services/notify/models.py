"""Contacts, notifications and silences: what is posted, what is kept, what is shown."""

from datetime import datetime
from typing import Annotated, Any, Literal

from annotated_types import MaxLen
from pydantic import AwareDatetime, StringConstraints, model_validator
from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

from services.notify.channels import Spec
from shared.database import UtcDateTime
from shared.names import Line, Owner
from shared.outbox import OutboxRow

Status = Literal["pending", "sent", "failed", "silenced", "acknowledged"]
Wish = Literal["created", "updated"]
STRICT = SQLModelConfig(extra="forbid")
Prefix = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]+$", max_length=200)]


class ContactBase(SQLModel):
    name: Line = ""


class ContactUpdate(ContactBase):
    """The whole contact. Without channels the owner is reached on the inbox page only."""

    model_config = STRICT

    channels: Annotated[list[Spec], MaxLen(10)] = Field(default=[])
    also_on: list[Wish] = Field(default=[], description="changes of actions to be told of besides due and overdue")


class ContactPublic(ContactBase):
    owner: str
    channels: list[str | dict[str, Any]] = Field(description="without the passwords and tokens of their URLs")
    also_on: list[str]
    updated_at: datetime


class Contact(ContactBase, table=True):
    __tablename__ = "contacts"

    owner: str = Field(primary_key=True)
    channels: list[Any] = Field(sa_type=JSON)
    also_on: list[str] = Field(sa_type=JSON)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class NotificationBase(SQLModel):
    owner: str = Field(index=True)
    cause: str = Field(description="id of the event that is told")
    about: str = Field(description="the alert rule or the action")
    subject: str
    text: str
    link: str
    status: Status = Field(index=True, sa_type=String)
    channel: str = Field(description="where it has arrived; `inbox` is the owner's page here")
    attempts: int = 0
    error: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str | None = Field(default=None, description="the source of the token")


class NotificationPublic(NotificationBase):
    id: str


class Notification(NotificationBase, table=True):
    """One row of the ledger. `leased_until` is set while an attempt is under way, `cut_short` counts those lost."""

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("cause", "owner"),)

    id: str = Field(primary_key=True)
    delivered: list[str] = Field(default=[], sa_type=JSON)
    next_attempt_at: datetime = Field(sa_type=UtcDateTime, index=True)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cut_short: int = 0


class SilenceBase(SQLModel):
    owner: str | None = Field(default=None, description="whose notifications; everybody's if left out")
    prefix: str | None = Field(default=None, description="of the alert rule, the action's id or the event's id")
    reason: Line = ""


class SilenceCreate(SilenceBase):
    model_config = SQLModelConfig(extra="forbid", validate_by_name=True, validate_by_alias=True)

    owner: Owner | None = None
    prefix: Prefix | None = None
    starts_at: AwareDatetime | None = Field(default=None, alias="from", description="now if left out")
    ends_at: AwareDatetime = Field(alias="until")

    @model_validator(mode="after")
    def _says_what(self) -> "SilenceCreate":
        if self.owner is None and self.prefix is None:
            raise ValueError("name an 'owner', a 'prefix', or both")
        return self


class SilencePublic(SilenceBase):
    id: str
    starts_at: datetime = Field(serialization_alias="from")
    ends_at: datetime = Field(serialization_alias="until")
    created_by: str


class Silence(SilenceBase, table=True):
    __tablename__ = "silences"

    id: str = Field(primary_key=True)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    created_by: str


class Outbox(OutboxRow, table=True):
    __tablename__ = "notify_outbox"
