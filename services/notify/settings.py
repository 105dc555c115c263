"""The settings of notify, from the environment; anything missing or out of range stops the start with its name."""

from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notify.channels import Smtp, SmtpMode, mail_fault
from shared.security import IdentitySettings


class Settings(BaseSettings):
    """OVERSIGHT_NOTIFY_*, and what the services share: OVERSIGHT_KAFKA, _DATABASE_URL, _TOKENS_FILE."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_NOTIFY_", populate_by_name=True)

    kafka: str = Field(validation_alias="OVERSIGHT_KAFKA")
    database_url: str = Field(validation_alias="OVERSIGHT_DATABASE_URL")
    tokens_file: Path = Field(validation_alias="OVERSIGHT_TOKENS_FILE")
    identity: IdentitySettings = Field(default_factory=IdentitySettings)
    volatile_broker: bool = Field(default=False, validation_alias="OVERSIGHT_VOLATILE_BROKER")
    group: str = "oversight.notify"
    dead_letters_most: int = Field(default=100, ge=0, description="of a partition's last records; then it halts")
    dead_letters_within: int = Field(default=1000, gt=0, description="how many the last records are")
    public_url: str = Field(default="http://127.0.0.1:8004", description="base of the inbox links in messages")

    smtp: str = Field(default="127.0.0.1:25", pattern=r"^[^\s/@:]+:\d{1,5}$", description="host:port for e-mail")
    smtp_mode: SmtpMode = "insecure"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = Field(default="oversight@localhost", pattern=r"^[^\s@]+@[^\s@]+$")

    max_attempts: int = Field(default=8, ge=1)
    first_pause_seconds: float = Field(default=10, gt=0, description="before the second attempt; doubled for each next")
    longest_pause_seconds: float = Field(default=3600, gt=0)
    lease_seconds: float = Field(
        default=120, gt=0, description="how long one attempt may take before it counts as lost"
    )
    deliver_seconds: float = Field(default=1, gt=0, description="how often the ledger is looked at unasked")
    sends_at_once: int = Field(default=8, ge=1, le=32)
    relay_seconds: float = Field(default=1, gt=0, description="how often the outbox is looked at unasked")

    @property
    def mail_server(self) -> Smtp:
        host, _, port = self.smtp.partition(":")
        password = self.smtp_password.get_secret_value()
        return Smtp(host, int(port), self.mail_from, self.smtp_mode, self.smtp_user, password)

    @model_validator(mode="after")
    def _can_send(self) -> "Settings":
        if fault := mail_fault("postmaster@localhost", self.mail_server):
            raise ValueError(f"OVERSIGHT_NOTIFY_MAIL_FROM: {fault}")
        return self
