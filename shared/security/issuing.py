"""Tokens are made, rotated and revoked: changes to the tokens file, which running services notice by themselves."""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from shared.clock import Clock
from shared.security.hashing import Cost, check_of, hashed
from shared.security.principals import ALL_SCOPES, SOURCES, is_source, overlap
from shared.security.tokens_file import Entry, changing

_DATASET = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_COST = Cost()


class Issued(NamedTuple):
    """A token, which cannot be shown again, and what is kept of it."""

    token: str
    entry: Entry


def issue_token(path: Path, source: str, scopes: Iterable[str]) -> str:
    """Make a token of `source` for every dataset, without end; see `issue`."""
    return issue(path, source, scopes, Clock().now()).token


def issue(
    path: Path,
    source: str,
    scopes: Iterable[str],
    now: datetime,
    *,
    datasets: Sequence[str] | None = None,
    event_sources: Sequence[str] = (),
    expires_at: datetime | None = None,
    note: str = "",
) -> Issued:
    """Make a token for `source`, and file its hash in `path` (mode 0600).

    Raises ValueError naming the scope, source, dataset, CloudEvents source or end that will not do.
    """
    issued = _made(
        source=source,
        scopes=tuple(scopes),
        datasets=None if datasets is None else tuple(datasets),
        event_sources=tuple(event_sources),
        note=note,
        created_at=now,
        expires_at=expires_at,
    )
    _check(issued.entry, now)
    with changing(path) as entries:
        _check_event_sources(issued.entry, entries)
        entries.append(issued.entry)
    return issued


def rotate(
    path: Path, name: str, now: datetime, keep: timedelta, expires_at: datetime | None = None, *, endless: bool = False
) -> Issued:
    """Make a successor, with the same rights, of the token `name`: an id, or a source that has one.

    The old one ends `keep` from now, or at its own end if that is earlier. Unless `expires_at` is given the successor
    lasts as long as the old one was made for; or, if `endless`, without end. Raises ValueError where no active token,
    or more than one, goes by that name.
    """
    with changing(path) as entries:
        old = _named([entry for entry in entries if entry.id == name or not entry.successor], name, now)
        if old.successor:
            raise ValueError(f"token {old.id} was rotated already; its successor is {old.successor}")
        issued = _made(
            source=old.source,
            scopes=old.scopes,
            datasets=old.datasets,
            event_sources=old.event_sources,
            note=old.note,
            created_at=now,
            expires_at=None if endless else expires_at or _as_long(old, now),
        )
        _check(issued.entry, now)
        ends = _earlier(now, keep, old.expires_at)
        entries[entries.index(old)] = msgspec.structs.replace(old, expires_at=ends, successor=issued.entry.id)
        entries.append(issued.entry)
    return issued


def revoke(path: Path, names: Iterable[str], now: datetime) -> list[Entry]:
    """End the tokens of these names at once and answer them; raises as `rotate` does, changing nothing.

    By its id, a token that has expired can be revoked as well: then nobody expects it to be replaced.
    """
    with changing(path) as entries:
        expired = {entry.id: entry for entry in entries if entry.state(now) == "expired"}
        ended = [expired.get(name) or _named(entries, name, now) for name in dict.fromkeys(names)]
        for entry in ended:
            entries[entries.index(entry)] = msgspec.structs.replace(entry, revoked_at=now)
    return ended


def _as_long(old: Entry, now: datetime) -> datetime | None:
    """When a token ends that is made now, and lasts as long as the old one was made for."""
    if old.expires_at is None or old.created_at is None:
        return old.expires_at
    return now + (old.expires_at - old.created_at)


def _earlier(now: datetime, keep: timedelta, end: datetime | None) -> datetime:
    """`keep` from now, or `end` if that comes first."""
    try:
        return min(now + keep, end or now + keep)
    except OverflowError:
        raise ValueError(f"an overlap of {keep.days:,} days ends beyond the calendar") from None


def _made(**rights: object) -> Issued:
    token_id, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_bytes(16)
    kept = hashed(secret, salt, _COST)
    hashes = {"salt": salt.hex(), "hash": kept.hex(), "cost": _COST, "check": check_of(secret, salt)}
    entry = Entry(id=token_id, **hashes, **rights)  # type: ignore[arg-type]
    return Issued(f"ovs_{token_id}_{secret}", entry)


def _check(entry: Entry, now: datetime) -> None:
    if unknown := sorted(set(entry.scopes) - set(ALL_SCOPES)):
        raise ValueError(f"unknown scope {unknown[0]!r}; known: {', '.join(ALL_SCOPES)}")
    if not is_source(entry.source):
        raise ValueError(f"source {entry.source!r} must be lower-case letters, digits and hyphens, at most 40")
    for dataset in entry.datasets or ():
        if not _DATASET.fullmatch(dataset):
            raise ValueError(f"dataset {dataset!r} must be lower-case letters, digits and hyphens, at most 40")
    for uri in entry.event_sources:
        is_uri = uri.strip("/") and uri.isascii() and uri.isprintable() and " " not in uri
        if not is_uri or f"{uri}/".startswith(SOURCES):  # `/sources` itself would be above everybody's
            raise ValueError(f"CloudEvents source {uri!r} must be a URI that does not begin with {SOURCES!r}")
    if entry.expires_at and entry.expires_at <= now:
        raise ValueError(f"the token would have expired at {entry.expires_at:%Y-%m-%d %H:%M} UTC, before it is made")


def _check_event_sources(made: Entry, entries: Sequence[Entry]) -> None:
    for other in entries:
        uri = overlap(made.event_sources, other.event_sources)
        if uri and other.source != made.source and not other.revoked_at:
            raise ValueError(f"CloudEvents source {uri!r} is that of the source {other.source!r}")


def _named(entries: Sequence[Entry], name: str, now: datetime) -> Entry:
    """The active token of this id, or the only one of this source."""
    active = [entry for entry in entries if entry.state(now) == "active"]
    found = [entry for entry in active if entry.id == name] or [entry for entry in active if entry.source == name]
    if len(found) > 1:
        raise ValueError(f"source {name!r} has {len(found)} tokens; name one: {', '.join(each.id for each in found)}")
    if not found:
        raise ValueError(f"no active token or source {name!r}; `oversight tokens list` shows those that there are")
    return found[0]
