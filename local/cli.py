"""The command line, `oversight`: a table of commands. What each does stands in the module that it calls."""

import sys
from typing import Annotated

import typer

from local.errors import LocalError
from local.home import Home
from local.settings import load_settings
from local.tokens import create_token
from local.up import up
from shared.errors import OversightError

commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Oversight: recorded crime and calls as they happen."
)
tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens.")
commands.add_typer(tokens, name="tokens")


@commands.command("up")
def up_command() -> None:
    """Run the whole stack in the foreground; Ctrl-C stops it."""
    up(load_settings(), say=typer.echo)


@tokens.command("create")
def create_token_command(
    source: Annotated[str, typer.Argument(help="Whose records the token files: lower-case letters, digits, hyphens.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; repeat for more. Default: all of ingest.")] = [],  # noqa: B006 - typer copies it
) -> None:
    """Make a token and print it; it cannot be shown again."""
    typer.echo(create_token(Home(load_settings().home), source, scope))


def app() -> None:
    """Run the command that was typed; what stops it is printed without a traceback, and the exit code is 1."""
    try:
        commands()
    except (LocalError, OversightError) as error:
        typer.echo(f"oversight: {error}", err=True)
        sys.exit(1)
