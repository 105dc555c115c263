"""What posting and changing mean: ids found or made, references checked, content compared."""

from datetime import date, datetime
from typing import Any

from services.actions.due import Due, days_overdue
from services.actions.identity import action_id, board_id, fingerprint, meeting_id
from services.actions.models import (
    Action,
    ActionCreate,
    ActionOwner,
    ActionPublic,
    ActionUpdate,
    Board,
    BoardCreate,
    Meeting,
    MeetingCreate,
)
from shared.errors import FieldError, Invalid


def new_board(posted: BoardCreate, at: datetime) -> Board:
    """Raises Invalid when no id is given and the name gives none."""
    made = posted.id or board_id(posted.name)
    if made is None:
        raise _wrong("id", "no id can be made from this name; send one of letters and digits")
    kept = posted.model_copy(update={"id": made})
    return Board(id=made, name=posted.name, fingerprint=fingerprint(kept), created_at=at)


def new_meeting(posted: MeetingCreate, board: Board | None, at: datetime) -> Meeting:
    """Raises Invalid when `board`, which the meeting names, was not found."""
    if board is None:
        raise _wrong("board", f"no board has the id {posted.board!r}; post it to /v1/boards first")
    kept = posted.model_copy(update={"id": posted.id or meeting_id(posted.board, posted.held_on)})
    content = kept.model_dump()
    return Meeting(**content, fingerprint=fingerprint(kept), created_at=at)


def new_action(
    posted: ActionCreate, meeting: Meeting | None, board: Board | None, fresh_id: str, at: datetime
) -> Action:
    """`meeting` and `board` are those that the action names, where found; `fresh_id` is for one without natural id.

    Raises Invalid, naming the field, when one was not found or they do not belong together.
    """
    if posted.meeting and meeting is None:
        raise _wrong("meeting", f"no meeting has the id {posted.meeting!r}; post it to /v1/meetings first")
    if posted.board and board is None:
        raise _wrong("board", f"no board has the id {posted.board!r}; post it to /v1/boards first")
    if meeting and board and meeting.board != board.id:
        raise _wrong("board", f"the meeting {meeting.id!r} is of the board {meeting.board!r}, not {board.id!r}")
    made = posted.id or action_id(posted.meeting, posted.number)
    kept = posted.model_copy(update={"id": made, "board": meeting.board if meeting else posted.board})
    content = kept.model_dump(include={"board", "meeting", "number", "text", "paragraph", "status"})
    action = Action(**content, id=made or fresh_id, fingerprint=fingerprint(kept), created_at=at, updated_at=at)
    _set_due(action, posted.due)
    _set_owners(action, posted.owners)
    return action


def amend(action: Action, changes: ActionUpdate) -> bool:
    """Set what was sent; answers whether anything is different now."""
    before = _content(action)
    sent: dict[str, Any] = {name: getattr(changes, name) for name in changes.model_fields_set}
    if due := sent.pop("due", None):
        _set_due(action, due)
    if owners := sent.pop("owners", None):
        _set_owners(action, owners)
    for name, value in sent.items():
        setattr(action, name, value)
    return _content(action) != before


def shown(action: Action, day: date) -> ActionPublic:
    """As the API shows it, as of `day`."""
    return ActionPublic(**_content(action), days_overdue=days_overdue(action.status, action.due_on, day))


def _content(action: Action) -> dict[str, Any]:
    columns = action.model_dump(exclude={"due_kind", "due_on", "due_text", "version", "fingerprint", "owned_by"})
    due = Due.model_validate({"kind": action.due_kind, "on": action.due_on, "text": action.due_text})
    return columns | {"owners": action.owners, "due": due}


def _set_due(action: Action, due: Due) -> None:
    action.due_kind, action.due_on, action.due_text = due.kind, due.on, due.text


def _set_owners(action: Action, owners: list[str]) -> None:
    if owners == action.owners:
        return
    known = {each.owner: each for each in action.owned_by}
    action.owned_by = [
        known.get(owner) or ActionOwner(action_id=action.id, owner=owner, position=0) for owner in owners
    ]
    for position, each in enumerate(action.owned_by):
        each.position = position


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("the request is not valid", errors=[FieldError(field, message)])
