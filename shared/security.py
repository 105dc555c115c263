"""Bearer tokens: who posts (the source) and what they may do (scopes). Only scrypt hashes are kept at rest."""

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import Forbidden, Unauthenticated

INGEST_SCOPES = (
    "ingest:crimes",
    "ingest:calls",
    "ingest:stops",
    "ingest:indicators",
    "ingest:crime-counts",
)
ALL_SCOPES = (*INGEST_SCOPES, "actions:read", "actions:write", "notify:read", "notify:write")
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever holds a token: the source that its records are filed under, and its scopes."""

    source: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raise Forbidden, naming the scope, unless this principal has it."""
        if scope not in self.scopes:
            raise Forbidden(f"this token (source {self.source!r}) lacks the scope {scope!r}")


def issue_token(path: Path, source: str, scopes: Iterable[str]) -> str:
    """Make a token for `source`, file its hash in `path` (mode 0600), and return it: it cannot be shown again.

    Raises ValueError for an unknown scope or a source that is not lower-case letters, digits and hyphens.
    """
    scopes = tuple(scopes)
    if unknown := sorted(set(scopes) - set(ALL_SCOPES)):
        raise ValueError(f"unknown scope {unknown[0]!r}; known: {', '.join(ALL_SCOPES)}")
    if not source.replace("-", "").isalnum() or source != source.lower() or not source.isascii():
        raise ValueError(f"source {source!r} must be lower-case letters, digits and hyphens")
    token_id, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_bytes(16)
    entry = {
        "id": token_id,
        "source": source,
        "scopes": list(scopes),
        "salt": salt.hex(),
        "hash": _hash(secret, salt).hex(),
    }
    entries = [*_read(path), entry] if path.exists() else [entry]
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps({"tokens": entries}, indent=1))
    partial.replace(path)
    return f"ovs_{token_id}_{secret}"


class TokenStore:
    """Verifies bearer tokens against the tokens file, which is read again whenever it changes.

    scrypt costs tens of milliseconds by design, so a verified token is remembered by its SHA-256.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._entries: dict[str, dict[str, Any]] = {}
        self._verified: dict[bytes, Principal] = {}
        self._lock, self._verifying = threading.Lock(), threading.Lock()

    def authenticate(self, authorization: str | None) -> Principal:
        """The principal of an `Authorization` header's value; raises Unauthenticated with what is wrong."""
        self._refresh()
        token, fingerprint = _bearer(authorization)
        # Taken before the entries are read: a file that changes meanwhile gets a new dictionary, and a token that
        # was revoked is remembered in the old one, which nobody asks again.
        verified = self._verified
        if principal := verified.get(fingerprint):
            return principal
        with self._verifying:  # requests that come at once with one token hash it once
            if fingerprint not in verified:
                verified[fingerprint] = self._verify(token)
            return verified[fingerprint]

    def remembered(self, authorization: str | None) -> Principal | None:
        """The principal of a token that was verified before, at once; None for any other. Raises Unauthenticated."""
        self._refresh()
        return self._verified.get(_bearer(authorization)[1])

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            raise Unauthenticated("no token has been issued yet; see 'oversight tokens create'") from None
        found = (stat.st_mtime_ns, stat.st_ino)
        if self._read_at == found:
            return
        with self._lock:
            if self._read_at == found:  # another thread has read it while this one waited
                return
            self._entries = {entry["id"]: entry for entry in _read(self._path)}
            self._verified = {}
            self._read_at = found

    def _verify(self, token: str) -> Principal:
        prefix, _, rest = token.partition("_")
        token_id, _, secret = rest.partition("_")
        entry = self._entries.get(token_id)
        if prefix != "ovs" or entry is None:
            raise Unauthenticated("this token is not known here")
        if not hmac.compare_digest(_hash(secret, bytes.fromhex(entry["salt"])), bytes.fromhex(entry["hash"])):
            raise Unauthenticated("this token is not known here")
        return Principal(entry["source"], frozenset(entry["scopes"]))


def _bearer(authorization: str | None) -> tuple[str, bytes]:
    """The token of the header's value, and its SHA-256."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send the header 'Authorization: Bearer TOKEN'")
    return token, hashlib.sha256(token.encode()).digest()


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=_SCRYPT["n"], r=_SCRYPT["r"], p=_SCRYPT["p"])


def _read(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(path.read_text())["tokens"]
    return entries
