"""Who is to be told what of an event: one telling for each owner."""

from dataclasses import dataclass

from shared.events import ActionEvent, Alert
from shared.names import is_owner


class Untellable(Exception):
    """An event that can be read but not told; its text is the reason. It belongs with the dead letters."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell one owner. `cause` is the event's id, so that (cause, owner) is told once.

    `about` is the alert rule or the action, for silences. `on_request` marks what only those are told who ask for it:
    it names what they ask for.
    """

    owner: str
    cause: str
    about: str
    subject: str
    text: str
    link: str
    on_request: str | None = None


def tellings(event: Alert | ActionEvent) -> list[Telling]:
    """An alert is told when raised and when cleared, an action when due and overdue; other changes on request."""
    match event:
        case Alert():
            subject = event.title if event.dataset == "live" else f"[{event.dataset}] {event.title}"
            return [Telling(event.owner, event.alert_id, event.rule, subject, _alert_text(event), event.link)]
        case ActionEvent():
            wish = event.kind if event.kind in {"created", "updated"} else None
            subject, text = _action_subject(event), _action_text(event)
            return [
                Telling(owner, event.event_id, event.action_id, subject, text, event.link, wish)
                for owner in dict.fromkeys(event.owners)
            ]


def checked(found: list[Telling]) -> list[Telling]:
    """The same; raises Untellable for an owner who cannot be named in an inbox, or a text no database keeps."""
    for each in found:
        if not is_owner(each.owner):
            raise Untellable(f"{each.owner!r} cannot be an owner: it must be up to 80 characters, without '/' and '@'")
        if "\x00" in each.cause + each.about + each.subject + each.text + each.link:
            raise Untellable("the event contains the character NUL")
    return found


def _alert_text(event: Alert) -> str:
    if event.dataset == "live":
        return event.text
    return f"{event.text}\nThis rests on the dataset {event.dataset!r}, not on live records."


def _action_subject(event: ActionEvent) -> str:
    action = f"action {event.number}" if event.number is not None else "action"
    match event.kind:
        case "overdue":
            return f"Overdue by {_days(event.days_overdue)}: {action}, {event.board}"
        case "due":
            return f"Due {_when(event)}: {action}, {event.board}"
        case _:
            return f"{event.kind.capitalize()}: {action}, {event.board}"


def _when(event: ActionEvent) -> str:
    if event.due_on is None or event.due_on <= event.as_of:
        return "today"
    return f"in {_days((event.due_on - event.as_of).days)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def _action_text(event: ActionEvent) -> str:
    due = f" Due on {event.due_on:%-d %B %Y}." if event.due_on else ""
    return f"{event.text}\nOwners: {', '.join(event.owners)}. Status: {event.status}.{due}"
