"""Metrics' settings, from the environment; anything missing or out of range stops the start with its name."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.security import IdentitySettings


class CountingSettings(BaseSettings):
    """What counting needs, which a rebuild does too: OVERSIGHT_METRICS_*, OVERSIGHT_KAFKA, OVERSIGHT_REDIS_URL."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_METRICS_")

    kafka: str = Field(validation_alias="OVERSIGHT_KAFKA")
    redis_url: str = Field(validation_alias="OVERSIGHT_REDIS_URL")
    batch_records: int = Field(default=5000, gt=0)
    measures_file: Path | None = Field(default=None, description="measures to add, or in the place of built-in ones")


class AnsweringSettings(CountingSettings):
    """What answers rest on besides the counts, which a preview of alert rules does too."""

    register_file: Path | None = Field(default=None, description="breaks, annotations and rebases to add, in TOML")
    suppress_below: int = Field(default=5, ge=0, description="sensitive counts in a borough; 0: publish all")
    suppress_period: Literal["month", "quarter", "year"] = Field(default="quarter", description="that they are told in")


class Settings(AnsweringSettings):
    """OVERSIGHT_METRICS_*, and what the services share: OVERSIGHT_KAFKA, _REDIS_URL, _DATABASE_URL, _TOKENS_FILE."""

    database_url: str = Field(validation_alias="OVERSIGHT_DATABASE_URL")
    tokens_file: Path = Field(validation_alias="OVERSIGHT_TOKENS_FILE")
    identity: IdentitySettings = Field(default_factory=IdentitySettings)
    volatile_broker: bool = Field(default=False, validation_alias="OVERSIGHT_VOLATILE_BROKER")
    group: str = "oversight.metrics"
    dead_letters_most: int = Field(default=100, ge=0, description="of a partition's last records; then it halts")
    dead_letters_within: int = Field(default=1000, gt=0, description="how many the last records are")
    calendar_file: Path | None = Field(default=None, description="the release calendar; the built-in one unless given")
    rules_file: Path | None = Field(default=None, description="alert rules; the built-in ones unless given")
    rules_seconds: float = Field(default=2, gt=0, description="alert rules are evaluated at most this often")
    public_url: str = "http://127.0.0.1:8002"
