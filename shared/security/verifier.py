"""Who is let in: holders of tokens that were issued here, and of those of the identity provider, if there is one."""

from pathlib import Path
from typing import Protocol

from shared.clock import Clock
from shared.security.last_use import used_beside
from shared.security.principals import Principal
from shared.security.provider_keys import ProviderKeys
from shared.security.provider_tokens import ProviderTokens, is_jwt
from shared.security.settings import IdentitySettings
from shared.security.telemetry import TOKENS
from shared.security.token_store import TokenStore, bearer


class Verifier(Protocol):
    """Verifies the value of an `Authorization` header.

    `remembered` answers at once, None for what has to be verified first; `authenticate` may block. Both raise
    Unauthenticated with what is wrong, and Unavailable where it cannot be known at present.
    """

    def remembered(self, authorization: str | None) -> Principal | None: ...

    def authenticate(self, authorization: str | None) -> Principal: ...


class EitherVerifier:
    """JWTs are the provider's, everything else was issued here."""

    def __init__(self, tokens: TokenStore, provider: ProviderTokens) -> None:
        self._tokens, self._provider = tokens, provider

    def remembered(self, authorization: str | None) -> Principal | None:
        token, _ = bearer(authorization)
        return self._provider.remembered(token) if is_jwt(token) else self._tokens.remembered(authorization)

    def authenticate(self, authorization: str | None) -> Principal:
        token, _ = bearer(authorization)
        return self._provider.authenticate(token) if is_jwt(token) else self._tokens.authenticate(authorization)


def verifier(tokens_file: Path, settings: IdentitySettings, clock: Clock | None = None) -> Verifier:
    """The verifier that these settings ask for. Nothing is read or fetched before the first request."""
    used_dir = settings.tokens_used_dir or used_beside(tokens_file)
    tokens = TokenStore(tokens_file, clock, used_dir)
    TOKENS.watch(tokens_file, used_dir)
    if not settings.oidc_issuer:
        return tokens
    keys = ProviderKeys(settings.oidc_issuer, settings.oidc_jwks_url)
    return EitherVerifier(tokens, ProviderTokens(settings, keys, clock or Clock()))
