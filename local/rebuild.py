"""`oversight rebuild metrics`: the service's own command, in the environment of what runs here, or was named."""

import os
import subprocess
import sys
from collections.abc import Mapping

import typer

from local.home import Home
from local.settings import LocalSettings, load_settings

_COMMAND = (sys.executable, "-m", "services.metrics.rebuild")


def rebuild_metrics(context: typer.Context) -> None:
    """Count everything anew from the record topics, and swap it in while queries go on; `--help` says more."""
    known = {} if "--help" in context.args else environment_of(load_settings())
    environment = os.environ | known
    raise typer.Exit(subprocess.run([*_COMMAND, *context.args], env=environment, check=False).returncode)


def environment_of(settings: LocalSettings) -> Mapping[str, str]:
    """Where Kafka and Redis are: both as they were named, else those of the running stack; LocalError without one."""
    if settings.kafka and settings.redis_url:
        return {"OVERSIGHT_KAFKA": settings.kafka, "OVERSIGHT_REDIS_URL": settings.redis_url}
    addresses = Home(settings.home).addresses()
    return {"OVERSIGHT_KAFKA": addresses.kafka, "OVERSIGHT_REDIS_URL": addresses.redis}
