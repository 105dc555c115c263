"""`python -m local.simulate`, which is `oversight simulate`."""

import sys

import typer

from local.errors import LocalError
from local.simulate.command import simulate

if __name__ == "__main__":
    try:
        typer.run(simulate)
    except LocalError as error:
        typer.echo(f"simulate: {error}", err=True)
        sys.exit(1)
