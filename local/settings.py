"""Settings of the embedded stack, read from the environment when a command starts."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from local.errors import LocalError

PREFIX = "OVERSIGHT_"
Port = Annotated[int, Field(ge=1, le=65535)]


class LocalSettings(BaseSettings):
    """Where things live, and which parts are somebody else's: a URL that is given is used, none is embedded."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    home: Path = Path(".oversight")
    tokens_used_dir: Path | None = None
    kafka: str | None = None
    redis_url: str | None = None
    database_url: str | None = None
    ingest_port: Port = 8001
    metrics_port: Port = 8002
    actions_port: Port = 8003
    notify_port: Port = 8004
    redis_port: Port | None = None
    smtp_port: Port | None = None

    def port_of(self, service: str) -> int:
        port: int = getattr(self, f"{service}_port")
        return port


def variable(field: str) -> str:
    """The environment variable that sets `field`."""
    return f"{PREFIX}{field.upper()}"


def load_settings() -> LocalSettings:
    """Read the environment; LocalError names each variable that is wrong."""
    try:
        return LocalSettings()
    except ValidationError as error:
        wrong = [f"{variable(str(each['loc'][0]))}={each['input']!r}: {each['msg']}" for each in error.errors()]
        raise LocalError("\n".join(wrong)) from None
