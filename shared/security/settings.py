"""Settings of identity, which every service that asks for tokens reads alike."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentitySettings(BaseSettings):
    """OVERSIGHT_TOKENS_USED_DIR."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_", env_ignore_empty=True, frozen=True)

    tokens_used_dir: Path | None = Field(
        default=None, description="where it is noted when tokens were last used; unless given, beside the tokens file"
    )
