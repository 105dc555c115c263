"""Who asks and what they may do: holders of tokens that were issued here, or by an identity provider."""

from shared.security.issuing import issue_token
from shared.security.principals import ALL_SCOPES, INGEST_SCOPES, Principal
from shared.security.settings import IdentitySettings
from shared.security.token_store import TokenStore
from shared.security.verifier import Verifier, verifier

__all__ = [
    "ALL_SCOPES",
    "INGEST_SCOPES",
    "IdentitySettings",
    "Principal",
    "TokenStore",
    "Verifier",
    "issue_token",
    "verifier",
]
