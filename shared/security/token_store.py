"""Bearer tokens are verified against the tokens file."""

import hashlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from shared.clock import Clock
from shared.errors import Unauthenticated, Unavailable
from shared.security.last_use import LastUse, used_beside
from shared.security.principals import Principal
from shared.security.tokens_file import Entry, TokensUnreadable, read_entries

log = logging.getLogger(__name__)
_REFUSALS = 1000
_LOOK_SECONDS = 0.025
_LONG_AGO = float("-inf")
_Known = tuple[Entry, Principal]


@dataclass(frozen=True, slots=True)
class _Book:
    """The file as it was read, or why it could not be, and what has been found out of tokens since.

    A file that changes gets a new book, whole: who works with the old one meanwhile notes in that what nobody asks.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    fault: str | None = None
    verified: dict[bytes, _Known] = field(default_factory=dict)
    refused: set[bytes] = field(default_factory=set)


class TokenStore:
    """Verifies bearer tokens against the tokens file, which is read again whenever it changes.

    scrypt costs tens of milliseconds by design, so a token is hashed once, and remembered by its SHA-256.
    """

    def __init__(self, path: Path, clock: Clock | None = None, used_dir: Path | None = None) -> None:
        self._path, self._clock = path, clock or Clock()
        self._last_use = LastUse(used_dir or used_beside(path))
        self._read_at: tuple[int, int] | None = None
        self._looked_at = _LONG_AGO
        self._book = _Book()
        self._lock, self._verifying = threading.Lock(), threading.Lock()

    def authenticate(self, authorization: str | None) -> Principal:
        """The principal of an `Authorization` header's value; may block for a hash.

        Raises Unauthenticated with what is wrong, Unavailable while the tokens file cannot be read.
        """
        self._refresh()
        token, fingerprint = bearer(authorization)
        book = self._book
        known = book.verified.get(fingerprint)
        if known is None:
            with self._verifying:  # requests that come at once with one token hash it once
                known = book.verified.get(fingerprint) or _verify(token, fingerprint, book)
                book.verified[fingerprint] = known
        return self._admit(known)

    def remembered(self, authorization: str | None) -> Principal | None:
        """The principal of a token that was verified before, at once; None for one that has to be hashed to know.

        Raises as `authenticate`. That a token was taken back a fortieth of a second ago may not be known here.
        """
        if monotonic() - self._looked_at > _LOOK_SECONDS:  # a look costs as much as all the rest
            self._refresh()
        token, fingerprint = bearer(authorization)
        known = self._book.verified.get(fingerprint)
        if known:
            return self._admit(known)
        self._refresh()  # it may have been made just now
        _claimed(token, fingerprint, self._book)
        return None

    def _admit(self, known: _Known) -> Principal:
        entry, principal = known
        now = self._clock.now()
        if entry.revoked_at:
            raise Unauthenticated("this token was revoked; ask for a new one")
        if entry.expires_at and now >= entry.expires_at:
            raise Unauthenticated(f"this token expired at {entry.expires_at:%Y-%m-%dT%H:%MZ}; ask for a new one")
        self._last_use.note(entry.id, now)
        return principal

    def _refresh(self) -> None:
        self._looked_at = monotonic()
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._looked_at = _LONG_AGO
            raise Unauthenticated("no token has been issued yet; see 'oversight tokens create'") from None
        except OSError as error:
            self._looked_at = _LONG_AGO
            raise _unreadable() from error
        found = (stat.st_mtime_ns, stat.st_ino)
        if self._read_at != found:
            with self._lock:
                if self._read_at != found:  # no other thread has read it while this one waited
                    self._book = self._read()
                    self._read_at = found
        if self._book.fault:
            self._looked_at = _LONG_AGO
            raise _unreadable()

    def _read(self) -> _Book:
        try:
            entries = {entry.id: entry for entry in read_entries(self._path)}
        except (FileNotFoundError, TokensUnreadable) as error:
            log.error("%s", error)  # noqa: TRY400 - the text says it all
            return _Book(fault=str(error))
        # Not everybody is hashed again because somebody was given a token.
        known = ((mark, entry, entries.get(entry.id)) for mark, (entry, _) in self._book.verified.copy().items())
        kept = {mark: (now, now.principal()) for mark, then, now in known if now and now.keeps_the_same(then)}
        return _Book(entries, verified=kept)


def _claimed(token: str, fingerprint: bytes, book: _Book) -> tuple[Entry, str]:
    """Whose token it says that it is, and the secret that may prove it; raises Unauthenticated where it cannot."""
    prefix, _, rest = token.partition("_")
    token_id, _, secret = rest.partition("_")
    entry = book.entries.get(token_id)
    if prefix != "ovs" or entry is None or fingerprint in book.refused or not entry.may_be_of(secret):
        raise Unauthenticated("this token is not known here")
    return entry, secret


def _verify(token: str, fingerprint: bytes, book: _Book) -> _Known:
    entry, secret = _claimed(token, fingerprint, book)
    if not entry.is_of(secret):
        # An upstream that goes on sending a broken token must not have each hashed.
        if len(book.refused) < _REFUSALS:
            book.refused.add(fingerprint)
        raise Unauthenticated("this token is not known here")
    return entry, entry.principal()


def _unreadable() -> Unavailable:
    return Unavailable("tokens cannot be verified at present: the tokens file is unreadable", retry_after=10)


def bearer(authorization: str | None) -> tuple[str, bytes]:
    """The token of an `Authorization` header's value, and its SHA-256; raises Unauthenticated."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send the header 'Authorization: Bearer TOKEN'")
    return token, hashlib.sha256(token.encode()).digest()
