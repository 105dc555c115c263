"""Who asks: the tokens that are issued here and whose only trace is an scrypt hash, and what their holders may do."""

from shared.security.issuing import issue_token
from shared.security.principals import ALL_SCOPES, INGEST_SCOPES, Principal
from shared.security.token_store import TokenStore

__all__ = ["ALL_SCOPES", "INGEST_SCOPES", "Principal", "TokenStore", "issue_token"]
