"""Whether a silence covers a telling."""

from datetime import datetime
from typing import Protocol

from services.notify.tellings import Telling


class Silencing(Protocol):
    """A silence, as far as the rule needs it. `prefix` is of a rule, an action's id or a cause."""

    owner: str | None
    prefix: str | None
    starts_at: datetime
    ends_at: datetime


def covers(silence: Silencing, telling: Telling, now: datetime) -> bool:
    """Each part of the silence that is given must hold; its end is no longer part of it."""
    if not silence.starts_at <= now < silence.ends_at:
        return False
    if silence.owner is not None and silence.owner != telling.owner:
        return False
    prefix = silence.prefix
    return prefix is None or telling.about.startswith(prefix) or telling.cause.startswith(prefix)
