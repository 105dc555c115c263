"""Which reminder an action gives as of a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.actions.due import days_overdue


@dataclass(frozen=True, slots=True)
class Policy:
    """Due: announced at each of `due_days_before`. Overdue: announced every `overdue_every_days`."""

    due_days_before: Collection[int] = (7, 0)
    overdue_every_days: int = 1


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is called for; the same `event_id` however often the day is evaluated."""

    event_id: str
    kind: Literal["due", "overdue"]


def reminder(action_id: str, status: str, due_on: date | None, day: date, policy: Policy) -> Reminder | None:
    """The reminder of one action as of `day`, if any.

    A stage that was missed (the service was down) is made up for by the next one reached, never by several::

        due_days_before = (7, 0)           due_on
          ---|------------------------------|----------|----------> day
             7 days before: "due", stage 7  stage 0    "overdue", a stage every `overdue_every_days`
    """
    if status != "open" or due_on is None:
        return None
    if late := days_overdue(status, due_on, day):
        stage = (late - 1) // policy.overdue_every_days
        return Reminder(f"{action_id}/overdue/{due_on}/{stage}", "overdue")
    days_left = (due_on - day).days
    reached = [stage for stage in policy.due_days_before if days_left <= stage]
    return Reminder(f"{action_id}/due/{due_on}/{min(reached)}", "due") if reached else None
