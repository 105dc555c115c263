"""Ingest's settings, from the environment; anything missing or out of range stops the start with its name."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ingest.quotas import quotas_of
from shared.security import IdentitySettings

QuotaName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class Settings(BaseSettings):
    """OVERSIGHT_INGEST_*, and what the services share: OVERSIGHT_KAFKA, OVERSIGHT_TOKENS_FILE."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_INGEST_")

    kafka: str = Field(validation_alias="OVERSIGHT_KAFKA")
    tokens_file: Path = Field(validation_alias="OVERSIGHT_TOKENS_FILE")
    identity: IdentitySettings = Field(default_factory=IdentitySettings)
    volatile_broker: bool = Field(default=False, validation_alias="OVERSIGHT_VOLATILE_BROKER")
    metrics_group: str = "oversight.metrics"
    max_body_bytes: int = Field(default=5 * 1024 * 1024, gt=0)
    body_seconds: float = Field(default=30, gt=0, description="how long a body may take to come")
    max_bodies_bytes: int = Field(
        default=64 * 1024 * 1024, gt=0, description="of bodies at once; a source, half; a worker"
    )
    max_events: int = Field(default=5000, gt=0)
    answer_seconds: float = Field(
        default=0.9, gt=0, description="within which Kafka has acknowledged, or 503 is answered"
    )
    publish_timeout_seconds: float = Field(default=10, gt=0, description="after which what Kafka was sent is given up")
    max_held_bytes: int = Field(default=32 * 1024 * 1024, gt=0, description="of events not yet acknowledged; a worker")
    max_unapplied_bytes: int = Field(default=3 * 1024 * 1024, gt=0, description="a partition; volatile broker only")
    quotas: dict[str, dict[QuotaName, str]] = Field(
        default={}, description="of each source, or of `*`, any other: names and quotas such as '600 requests/1m'"
    )
    idempotency_seconds: float = Field(default=24 * 60 * 60, gt=0, description="how long an answer is kept by its key")
    idempotency_bytes: int = Field(default=4 * 1024 * 1024, gt=0, description="of answers kept by key; a source")

    @field_validator("quotas")
    @classmethod
    def _are_quotas(cls, quotas: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        quotas_of(quotas)
        return quotas
