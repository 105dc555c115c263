"""The tokens file: what is kept of each token, read whole and replaced whole."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from shared.security.hashing import Cost, check_of, is_hash_of
from shared.security.principals import Principal

VERSION = 2
State = Literal["active", "expired", "revoked"]
Hexadecimal = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2})+$")]


class TokensUnreadable(Exception):
    """The tokens file is there and cannot be used; its text says why."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One token. Everything that version 1 of the file did not have has a default: such a file is read as it is.

    `salt` and `hash` are hexadecimal; `check` is that of the secret, empty where the token was made without;
    `datasets` None is every dataset; `successor` is the id that it was rotated to.
    """

    id: str
    source: str
    scopes: tuple[str, ...]
    salt: Hexadecimal
    hash: Hexadecimal
    cost: Cost = Cost()
    check: str = ""
    datasets: tuple[str, ...] | None = None
    event_sources: tuple[str, ...] = ()
    note: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    successor: str = ""

    def state(self, now: datetime) -> State:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and now >= self.expires_at else "active"

    def may_be_of(self, secret: str) -> bool:
        """False for nearly every secret but the one that this is kept of, at no cost."""
        return not self.check or self.check == check_of(secret, bytes.fromhex(self.salt))

    def is_of(self, secret: str) -> bool:
        """Whether this is what is kept of `secret`. Takes as long as a hash costs."""
        return is_hash_of(secret, bytes.fromhex(self.salt), self.cost, bytes.fromhex(self.hash))

    def keeps_the_same(self, other: Self) -> bool:
        """Whether the same secret leads to both."""
        return (self.salt, self.hash, self.cost) == (other.salt, other.hash, other.cost)

    def principal(self) -> Principal:
        datasets = None if self.datasets is None else frozenset(self.datasets)
        return Principal(self.source, frozenset(self.scopes), datasets, self.event_sources)


class _File(msgspec.Struct, frozen=True):
    tokens: tuple[Entry, ...]
    version: int = 1


def read_entries(path: Path) -> tuple[Entry, ...]:
    """Every token of the file, in the order of their making; raises FileNotFoundError, TokensUnreadable."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TokensUnreadable(f"{path} cannot be read: {error.strerror}") from error
    try:
        file = msgspec.json.decode(text, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TokensUnreadable(
            f"{path} is not a tokens file: {error}; restore it, or remove it and make new ones"
        ) from (error)
    if file.version > VERSION:
        raise TokensUnreadable(f"{path} has version {file.version}, which a newer Oversight wrote; this one knows 2")
    return file.tokens


@contextmanager
def changing(path: Path) -> Iterator[list[Entry]]:
    """The file's tokens, to be changed in place and written when the block ends well; one process at a time."""
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entries = list(read_entries(path)) if path.exists() else []
        yield entries
        _replace(path, entries)


def _replace(path: Path, entries: Sequence[Entry]) -> None:
    """One step, so that a service that reads meanwhile has the file of before or after; for the owner alone."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    text = msgspec.json.format(msgspec.json.encode(_File(tuple(entries), VERSION)), indent=1)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    _settle(path.parent)


def _settle(directory: Path) -> None:
    """Have the disk know the new name: a revoked token must not come back with a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
