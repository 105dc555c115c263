"""The public keys of an identity provider (JWKS), fetched when they are first needed and again as they age."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from shared.errors import Unauthenticated, Unavailable

log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 5.0
_FETCH_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024
_FRESH_SECONDS = 300.0
_USABLE_SECONDS = 3600.0
_BETWEEN_FETCHES_SECONDS = 10.0
_PATIENCE_SECONDS = 2.0
_MOST_WAITING = 2
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, PyJWTError, LookupError, ValueError, TypeError, AttributeError)
"""What a request, and what comes back in the place of keys, can raise."""
# Signed with a private key, all of them: with HS256 the provider's public key would do as the secret.
_ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA",),
    "Ed448": ("EdDSA",),
}
"""What a key may sign with, by its curve, or its type where that has none."""


class Key(NamedTuple):
    """A public key, and what it may have signed with."""

    key_id: str | None
    public: Any
    algorithms: Sequence[str]


class ProviderKeys:
    """Fetches from `jwks_url`, or from where the issuer's discovery document says.

    Keys are fetched anew after five minutes, and when a token names one that is not known; but never twice in ten
    seconds, whatever tokens come. A provider that does not answer leaves the keys of the last hour in use. They are
    fetched in a thread that a stopping process does not wait for, and nobody else waits long, or in great number.
    """

    def __init__(self, issuer: str, jwks_url: str | None, now: Callable[[], float] = monotonic) -> None:
        self._issuer, self._jwks_url, self._now = issuer, jwks_url, now
        self._keys: Sequence[Key] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = threading.Lock()
        self._fetched = threading.Event()
        self._fetched.set()
        self._places = threading.BoundedSemaphore(_MOST_WAITING)

    def key(self, key_id: str | None) -> Key:
        """The key of this id, or the only one there is. May block for two seconds.

        Raises Unauthenticated for a key that the provider does not have, Unavailable while it cannot be asked.
        """
        found = self._find(key_id)
        if found is None or self._age() > _FRESH_SECONDS:
            self._refresh(is_needed=found is None or self._age() > _USABLE_SECONDS)
            found = self._find(key_id)
        if self._age() > _USABLE_SECONDS or (found is None and not self._fetched.is_set()):
            raise Unavailable("the identity provider cannot be asked for its keys", retry_after=2)
        if found is None:
            raise Unauthenticated("this token is signed by a key that the identity provider does not have")
        return found

    def _find(self, key_id: str | None) -> Key | None:
        found = [key for key in self._keys if key_id in (None, key.key_id)]
        return found[0] if len(found) == 1 else None

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._now() - self._fetched_at

    def _refresh(self, *, is_needed: bool) -> None:
        """Have keys fetched, if it is time, and wait for them; for those that another caller has asked for, if need be.

        Anybody can send what looks like a JWT: more of them than have a place do not wait, and hold no thread.
        """
        if (self._began_to_fetch() or is_needed) and self._places.acquire(blocking=False):
            try:
                self._fetched.wait(_PATIENCE_SECONDS)
            finally:
                self._places.release()

    def _began_to_fetch(self) -> bool:
        with self._lock:
            now = self._now()
            is_early = self._tried_at is not None and now - self._tried_at < _BETWEEN_FETCHES_SECONDS
            if is_early or not self._fetched.is_set():
                return False
            self._tried_at = now
            self._fetched.clear()
        threading.Thread(target=self._fetch, args=(now,), name="keys of the identity provider", daemon=True).start()
        return True

    def _fetch(self, now: float) -> None:
        try:
            with httpx.Client(timeout=_TIMEOUT_SECONDS) as client:
                found = _keys_of(_read(client, self._jwks_url or self._discovered(client)))
            self._keys, self._fetched_at = found, now
        except _FAULTS as error:
            log.warning("the keys of %s cannot be fetched: %r", self._issuer, error)
        finally:
            self._fetched.set()

    def _discovered(self, client: httpx.Client) -> str:
        document = _read(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if document["issuer"] != self._issuer:
            raise ValueError(f"its discovery document is that of {document['issuer']!r}")
        return str(document["jwks_uri"])


def _read(client: httpx.Client, url: str) -> Mapping[str, Any]:
    """The JSON object at `url`; of one that comes drop by drop, or without end, no more than is right."""
    body, end = bytearray(), monotonic() + _FETCH_SECONDS
    with client.stream("GET", url) as answer:
        answer.raise_for_status()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _MOST_BYTES or monotonic() > end:
                raise ValueError(
                    f"{url} answers more than {_MOST_BYTES:,} bytes, or for longer than {_FETCH_SECONDS} s"
                )
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError(f"{url} answered no object")  # noqa: TRY004 - what came is wrong, not what was passed
    return found


def _keys_of(document: Mapping[str, Any]) -> Sequence[Key]:
    """The keys that can verify; those for other uses, and of kinds that are not known here, are left out."""
    found = [key for each in document["keys"] if each.get("use", "sig") == "sig" and (key := _key(each))]
    if not found:
        raise ValueError("there is no key to verify with among them")
    return found


def _key(each: Mapping[str, Any]) -> Key | None:
    allowed = _ALGORITHMS.get(each.get("crv", each.get("kty")), ())
    if "alg" in each:  # a key that names none may sign with each that its kind can
        allowed = tuple(name for name in allowed if name == each["alg"])
    try:
        return Key(each.get("kid"), PyJWK.from_dict(dict(each)).key, allowed) if allowed else None
    except PyJWTError as error:
        log.warning("a key of the identity provider cannot be used: %r", error)
        return None
