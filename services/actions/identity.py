"""Ids: chosen by the client, or made from what names the thing, so that posting it twice is noticed."""

import hashlib
import re
import unicodedata
from datetime import date

from pydantic import BaseModel


def board_id(name: str) -> str | None:
    """`Performance & Risk Board` -> `performance-risk-board`; None when nothing of the name is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-") or None


def meeting_id(board: str, held_on: date) -> str:
    """A board meets once a day; a second meeting of the day needs an id of its own."""
    return f"{board[:89]}-{held_on}"


def action_id(meeting: str | None, number: int | None) -> str | None:
    """The number is unique within a meeting; without both, an action has no natural id."""
    return f"{meeting[:92]}-{number}" if meeting and number is not None else None


def fingerprint(posted: BaseModel) -> str:
    """The same for the same content, whatever the order of its members."""
    return hashlib.sha256(posted.model_dump_json(exclude_none=True).encode()).hexdigest()
