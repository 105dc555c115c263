"""When an action is due, and by how many days it is late."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from shared.names import Name

DueKind = Literal["date", "event", "asap", "none"]


class Due(BaseModel):
    """When a board wants an action done.

    `date`: by the day `on`. `event`: at what `text` names, whose day `on` may be known. `asap`: as soon as possible.
    `none`: the board named no time. Only an action with a day can be overdue.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: DueKind = "none"
    on: date | None = None
    text: Name | None = None

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> "Due":
        if self.kind == "date" and self.on is None:
            raise ValueError("kind 'date' needs 'on', the day: YYYY-MM-DD")
        if self.kind == "event" and self.text is None:
            raise ValueError("kind 'event' needs 'text', which names the event")
        if self.kind in {"asap", "none"} and self.on is not None:
            raise ValueError(f"kind {self.kind!r} has no day; leave out 'on', or use kind 'date'")
        return self


def days_overdue(status: str, due_on: date | None, day: date) -> int:
    """Whole days past the due date as of `day`; 0 for one that is not late, has no day, or is not open."""
    if status != "open" or due_on is None:
        return 0
    return max(0, (day - due_on).days)
