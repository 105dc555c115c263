"""Settings of identity, which every service that asks for tokens reads alike."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.security.principals import is_source

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
Claim = Annotated[str, Field(min_length=1)]


class IdentitySettings(BaseSettings):
    """OVERSIGHT_TOKENS_USED_DIR and OVERSIGHT_OIDC_*: see docs/security.md."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_", env_ignore_empty=True, frozen=True)

    tokens_used_dir: Path | None = Field(
        default=None, description="where it is noted when tokens were last used; unless given, beside the tokens file"
    )
    oidc_issuer: str | None = Field(default=None, description="the provider's `iss`; JWTs are refused unless it is set")
    oidc_audience: str | None = Field(default=None, description="what the provider writes into `aud` for Oversight")
    oidc_jwks_url: str | None = Field(default=None, description="unless given, what the issuer's discovery names")
    oidc_source_claim: Claim = Field(default="sub", description="the claim that says who asks")
    oidc_sources: dict[str, str] = Field(
        default={}, description="the source of each value of that claim; unless given, the value itself"
    )
    oidc_scope_claim: Claim = Field(default="scope", description="scopes, as an array or separated by spaces")
    oidc_datasets_claim: Claim = Field(default="datasets", description="an array; absent, every dataset")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.oidc_issuer) != bool(self.oidc_audience):
            raise ValueError("OVERSIGHT_OIDC_ISSUER and OVERSIGHT_OIDC_AUDIENCE are set together or not at all")
        for name, url in (("ISSUER", self.oidc_issuer), ("JWKS_URL", self.oidc_jwks_url)):
            if url and not _is_safe(url):
                raise ValueError(f"OVERSIGHT_OIDC_{name}: {url!r} must begin with https://")
        for source in self.oidc_sources.values():
            if not is_source(source):
                raise ValueError(f"OVERSIGHT_OIDC_SOURCES: {source!r} must be lower-case letters, digits and hyphens")
        return self


def _is_safe(url: str) -> bool:
    """What comes unencrypted from another machine is no proof of anything."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    )
