"""JWTs that an identity provider (OpenID Connect) issued: signature, issuer, audience and times are verified."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    MissingRequiredClaimError,
    PyJWTError,
)

from shared.clock import Clock
from shared.errors import Unauthenticated
from shared.security.principals import ALL_SCOPES, Principal, is_source
from shared.security.provider_keys import ProviderKeys
from shared.security.settings import IdentitySettings

_LEEWAY = timedelta(seconds=30)
_REMEMBER = timedelta(minutes=5)
_MOST_REMEMBERED = 10_000
_REQUIRED = ["exp", "iss", "aud"]


def is_jwt(token: str) -> bool:
    return token.count(".") == 2


class ProviderTokens:
    """Verifies JWTs. One that was verified is remembered for five minutes, or until it expires."""

    def __init__(self, settings: IdentitySettings, keys: ProviderKeys, clock: Clock) -> None:
        self._settings, self._keys, self._clock = settings, keys, clock
        self._verified: dict[bytes, tuple[Principal, datetime]] = {}

    def authenticate(self, token: str) -> Principal:
        """The principal of a JWT; may block for the provider's keys.

        Raises Unauthenticated with what is wrong, Unavailable while the provider cannot be asked.
        """
        claims = self._claims(token)
        principal, ends = self._principal(claims), _end(claims["exp"])
        now = self._clock.now()
        if len(self._verified) >= _MOST_REMEMBERED:
            self._verified = {key: each for key, each in self._verified.items() if each[1] > now}
        if len(self._verified) < _MOST_REMEMBERED:
            self._verified[_fingerprint(token)] = principal, min(ends, now + _REMEMBER)
        return principal

    def remembered(self, token: str) -> Principal | None:
        """The principal of a JWT that was verified lately, at once; None for any other."""
        principal, until = self._verified.get(_fingerprint(token), (None, None))
        return principal if until and self._clock.now() < until else None

    def _claims(self, token: str) -> dict[str, Any]:
        issuer, audience = self._settings.oidc_issuer, self._settings.oidc_audience
        try:
            key = self._keys.key(jwt.get_unverified_header(token).get("kid"))
            return jwt.decode(
                token,
                key.public,
                algorithms=key.algorithms,
                audience=audience,
                issuer=issuer,
                leeway=_LEEWAY,
                options={"require": _REQUIRED},
            )
        except ExpiredSignatureError:
            raise Unauthenticated("this token expired; ask the identity provider for a new one") from None
        except InvalidIssuerError:
            raise Unauthenticated(f"this token was not issued by {issuer}") from None
        except InvalidAudienceError:
            raise Unauthenticated(f"this token is not meant for {audience}") from None
        except MissingRequiredClaimError as error:
            raise Unauthenticated(f"this token lacks the claim {error.claim}") from None
        except (PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unauthenticated(f"this token cannot be verified: {error}") from error

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        datasets = claims.get(self._settings.oidc_datasets_claim)
        scopes = _words(claims.get(self._settings.oidc_scope_claim, ()))
        return Principal(
            self._source(claims),
            scopes & frozenset(ALL_SCOPES),
            None if datasets is None else _words(datasets),
        )

    def _source(self, claims: Mapping[str, Any]) -> str:
        claim, sources = self._settings.oidc_source_claim, self._settings.oidc_sources
        named = claims.get(claim)
        if not isinstance(named, str):
            raise Unauthenticated(f"this token lacks the claim {claim}, which says whose it is")
        if sources and named not in sources:
            raise Unauthenticated(f"{claim} {named[:100]!r} has no source here; ask the operator for one")
        source = sources.get(named, named)
        if not is_source(source):
            raise Unauthenticated(f"{claim} {named[:100]!r} cannot be a source; ask the operator to name one for it")
        return source


def _end(exp: Any) -> datetime:
    """PyJWT also takes a number in a text, and one beyond all calendars: milliseconds, most likely."""
    try:
        return datetime.fromtimestamp(exp, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unauthenticated("this token's exp is no time; it must be a number of seconds since 1970") from None


def _words(claim: Any) -> frozenset[str]:
    return frozenset(claim.split() if isinstance(claim, str) else map(str, claim) if isinstance(claim, list) else ())


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
