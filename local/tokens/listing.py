"""Tokens as a table, and as JSON."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.security.tokens_file import Entry

_PIPED_WIDTH = 1000
Shown = Sequence[tuple[Entry, datetime | None]]
"""Tokens, each with its last use."""


def as_table(tokens: Shown, now: datetime, is_terminal: bool) -> None:
    """Print the table, as wide as the terminal, or so wide that nothing is cut off."""
    table = Table("id", "source", "state", "scopes", "datasets", "created", "expires", "last used", "note", box=None)
    for entry, used in tokens:
        datasets = "every one" if entry.datasets is None else " ".join(entry.datasets)
        rights = (entry.id, entry.source, _state(entry, now), " ".join(entry.scopes), datasets)
        times = (_day(entry.created_at), _minute(entry.expires_at), _minute(used))
        table.add_row(*map(escape, (*rights, *times, entry.note)))
    Console(width=None if is_terminal else _PIPED_WIDTH).print(table)


def as_json(tokens: Shown, now: datetime) -> str:
    """An array of objects: times in UTC or null; `datasets` null is every one."""
    rows = [
        {
            "id": entry.id,
            "source": entry.source,
            "state": entry.state(now),
            "scopes": entry.scopes,
            "datasets": entry.datasets,
            "event_sources": entry.event_sources,
            "created_at": entry.created_at,
            "expires_at": entry.expires_at,
            "revoked_at": entry.revoked_at,
            "last_used_at": used,
            "successor": entry.successor or None,
            "note": entry.note,
        }
        for entry, used in tokens
    ]
    return msgspec.json.format(msgspec.json.encode(rows)).decode()


def _state(entry: Entry, now: datetime) -> str:
    state = entry.state(now)
    return f"{state}, now {entry.successor}" if entry.successor else state


def _day(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d}" if time else "unknown"


def _minute(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else "never"
