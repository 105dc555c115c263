"""What actions tells the other services: one event for each change of an action, and for each reminder."""

from datetime import date, datetime
from typing import Literal

from services.actions.due import days_overdue
from services.actions.models import Action
from shared.events import ActionEvent

Kind = Literal["created", "updated", "due", "overdue"]


def action_event(
    action: Action, board_name: str, kind: Kind, *, event_id: str, as_of: date, link: str, at: datetime
) -> ActionEvent:
    """The event of `action` as it is now; `board` is the board's name, since the event is read by people."""
    return ActionEvent(
        event_id=event_id,
        action_id=action.id,
        kind=kind,
        board=board_name,
        number=action.number,
        text=action.text,
        owners=tuple(action.owners),
        status=action.status,
        due_on=action.due_on,
        days_overdue=days_overdue(action.status, action.due_on, as_of),
        as_of=as_of,
        link=link,
        at=at,
    )


def created_id(action: Action) -> str:
    return f"{action.id}/created"


def updated_id(action: Action) -> str:
    return f"{action.id}/updated/{action.version}"
