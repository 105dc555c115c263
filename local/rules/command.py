"""`oversight rules preview`: metrics' own command, in the environment of what runs here, or was named."""

import os
import subprocess
import sys

import typer

from local.rebuild import environment_of
from local.settings import load_settings

_COMMAND = (sys.executable, "-m", "services.metrics.preview")


def preview_rules(context: typer.Context) -> None:
    """Show in which weeks of the past alert rules would have been raised and cleared; `--help` says more."""
    known = {} if "--help" in context.args else environment_of(load_settings())
    environment = os.environ | known
    raise typer.Exit(subprocess.run([*_COMMAND, *context.args], env=environment, check=False).returncode)
