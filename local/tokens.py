"""`oversight tokens create`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from local.errors import LocalError
from local.home import Home
from local.settings import load_settings
from shared.security import ALL_SCOPES, INGEST_SCOPES, issue_token

Source = Annotated[
    str, typer.Argument(help="Whose records it files, and who acts with it: lower-case letters, digits, hyphens.")
]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        help=f"What it may do; repeat for more. Default: every kind of record. Known: {', '.join(ALL_SCOPES)}."
    ),
]


def create_token_command(source: Source, scope: Scopes = None) -> None:
    """Make a token and print it; it cannot be shown again."""
    typer.echo(create_token(Home(load_settings().home), source, scope or INGEST_SCOPES))


def create_token(home: Home, source: str, scopes: Sequence[str]) -> str:
    """Issue a token in `home` and answer it. Running services know it at once. LocalError names what is wrong."""
    home.create()
    try:
        return issue_token(home.tokens_file, source, scopes)
    except ValueError as error:
        raise LocalError(str(error)) from error
