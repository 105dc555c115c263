"""The settings of actions, from the environment; anything missing or out of range stops the start with its name."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.security import IdentitySettings


class Settings(BaseSettings):
    """OVERSIGHT_ACTIONS_*, and what the services share: OVERSIGHT_KAFKA, _DATABASE_URL, _TOKENS_FILE."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_ACTIONS_", populate_by_name=True)

    kafka: str = Field(validation_alias="OVERSIGHT_KAFKA")
    database_url: str = Field(validation_alias="OVERSIGHT_DATABASE_URL")
    tokens_file: Path = Field(validation_alias="OVERSIGHT_TOKENS_FILE")
    identity: IdentitySettings = Field(default_factory=IdentitySettings)
    public_url: str = Field(default="http://127.0.0.1:8003", description="base of the links in events")
    due_days_before: tuple[Annotated[int, Field(ge=0, le=365)], ...] = Field(
        default=(7, 0), description="an action is announced as due this many days before"
    )
    overdue_every_days: int = Field(default=1, ge=1, description="an overdue action is announced this often")
    evaluate_seconds: float = Field(default=60, gt=0, description="how often the rules are evaluated for today")
    relay_seconds: float = Field(default=1, gt=0, description="how often the outbox is looked at unasked")
