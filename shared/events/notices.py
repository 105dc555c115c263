"""What the services tell each other: alerts, changes of board actions, and notifications."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct


class Window(Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The first and last day of a period, both counted."""

    first: date
    last: date


class Alert(Struct, frozen=True, kw_only=True):
    """A rule was met (`raised`) or is met no longer (`cleared`).

    `alert_id` is the same however often the event is delivered; `incident_id` ties a clearing to its raising. `kind` is
    that of the rule; `figures` holds what it was judged by, in `unit` where it is a figure of the measure.
    """

    alert_id: str
    incident_id: str
    rule: str
    state: Literal["raised", "cleared"]
    title: str
    text: str
    owner: str
    measure: str
    area: str
    dataset: str
    window: Window
    value: float | None
    baseline: float | None
    percent_change: float | None
    link: str
    at: datetime
    kind: str = "comparison"
    unit: str = ""
    figures: dict[str, float | None] = {}


class ActionEvent(Struct, frozen=True, kw_only=True):
    """A board action was created, changed, or is due or overdue as of `as_of`."""

    event_id: str
    action_id: str
    kind: Literal["created", "updated", "due", "overdue"]
    board: str
    number: int | None
    text: str
    owners: tuple[str, ...]
    status: str
    due_on: date | None
    days_overdue: int
    as_of: date
    link: str
    at: datetime


class NotificationEvent(Struct, frozen=True, kw_only=True):
    """What became of telling one owner one thing."""

    notification_id: str
    owner: str
    subject: str
    status: Literal["pending", "sent", "failed", "silenced", "acknowledged"]
    channel: str
    cause: str
    at: datetime


Notice = Alert | ActionEvent | NotificationEvent
