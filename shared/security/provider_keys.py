"""The public keys of an identity provider (JWKS), fetched when they are first needed and again as they age."""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic

import httpx
from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError

from shared.errors import Unauthenticated, Unavailable

log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 5.0
_FRESH_SECONDS = 300.0
_USABLE_SECONDS = 3600.0
_BETWEEN_FETCHES_SECONDS = 10.0
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, PyJWTError, KeyError, ValueError, TypeError, AttributeError)
"""What a request, and what comes back in the place of keys, can raise."""
_ASYMMETRIC = ("RSA", "EC", "OKP")


class ProviderKeys:
    """Fetches from `jwks_url`, or from where the issuer's discovery document says.

    Keys are fetched anew after five minutes, and when a token names one that is not known; but never twice in ten
    seconds, whatever tokens come. A provider that does not answer leaves the keys of the last hour in use.
    """

    def __init__(self, issuer: str, jwks_url: str | None, now: Callable[[], float] = monotonic) -> None:
        self._issuer, self._jwks_url, self._now = issuer, jwks_url, now
        self._keys: Sequence[PyJWK] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = threading.Lock()

    def key(self, key_id: str | None) -> PyJWK:
        """The key of this id, or the only one there is. May block for ten seconds.

        Raises Unauthenticated for a key that the provider does not have, Unavailable while it cannot be asked.
        """
        found = self._find(key_id)
        if found is None or self._age() > _FRESH_SECONDS:
            self._refresh(wait=found is None or self._age() > _USABLE_SECONDS)
            found = self._find(key_id)
        if self._age() > _USABLE_SECONDS:
            raise Unavailable("the identity provider cannot be asked for its keys", retry_after=10)
        if found is None:
            raise Unauthenticated("this token is signed by a key that the identity provider does not have")
        return found

    def _find(self, key_id: str | None) -> PyJWK | None:
        found = [key for key in self._keys if key_id in (None, key.key_id)]
        return found[0] if len(found) == 1 else None

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._now() - self._fetched_at

    def _refresh(self, *, wait: bool) -> None:
        if self._lock.acquire(blocking=wait):  # while one thread fetches, others use the keys that there are
            try:
                self._fetch()
            finally:
                self._lock.release()

    def _fetch(self) -> None:
        now = self._now()
        if self._tried_at is not None and now - self._tried_at < _BETWEEN_FETCHES_SECONDS:
            return
        self._tried_at = now
        try:
            with httpx.Client(timeout=_TIMEOUT_SECONDS) as client:
                found = PyJWKSet.from_dict(_json(client, self._jwks_url or self._discovered(client))).keys
        except _FAULTS as error:
            log.warning("the keys of %s cannot be fetched: %r", self._issuer, error)
            return
        self._keys = [key for key in found if key.key_type in _ASYMMETRIC and key.public_key_use in (None, "sig")]
        self._fetched_at = now

    def _discovered(self, client: httpx.Client) -> str:
        document = _json(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if document["issuer"] != self._issuer:
            raise ValueError(f"its discovery document is that of {document['issuer']!r}")
        return str(document["jwks_uri"])


def _json(client: httpx.Client, url: str) -> dict[str, object]:
    answer = client.get(url).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ValueError(f"{url} answered no object")  # noqa: TRY004 - what came is wrong, not what was passed
    return answer
