"""Ingest's settings, from the environment; anything missing or out of range stops the start with its name."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """OVERSIGHT_INGEST_*, and what the services share: OVERSIGHT_KAFKA, OVERSIGHT_TOKENS_FILE."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_INGEST_")

    kafka: str = Field(validation_alias="OVERSIGHT_KAFKA")
    tokens_file: Path = Field(validation_alias="OVERSIGHT_TOKENS_FILE")
    volatile_broker: bool = Field(default=False, validation_alias="OVERSIGHT_VOLATILE_BROKER")
    metrics_group: str = "oversight.metrics"
    max_body_bytes: int = Field(default=5 * 1024 * 1024, gt=0)
    max_events: int = Field(default=5000, gt=0)
    publish_timeout_seconds: float = Field(default=10, gt=0)
    max_unapplied_bytes: int = Field(default=3 * 1024 * 1024, gt=0, description="a partition; volatile broker only")
