"""`oversight tokens create|list|rotate|revoke`: running services notice each change by themselves."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from local.errors import LocalError
from local.home import Home
from local.settings import load_settings
from local.tokens.ends import end_of, span_of
from local.tokens.listing import as_json, as_table
from shared.clock import Clock
from shared.security.issuing import issue, revoke, rotate
from shared.security.last_use import last_used, used_beside
from shared.security.principals import ALL_SCOPES, INGEST_SCOPES
from shared.security.tokens_file import TokensUnreadable, read_entries

Source = Annotated[
    str, typer.Argument(help="Whose records it files, and who acts with it: lower-case letters, digits, hyphens.")
]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        help=f"What it may do; repeat for more. Default: every kind of record. Known: {', '.join(ALL_SCOPES)}."
    ),
]
Datasets = Annotated[
    list[str] | None, typer.Option(help="A dataset that it may post to; repeat for more. Default: every one.")
]
EventSources = Annotated[
    list[str] | None,
    typer.Option(
        help="A URI that its CloudEvents may name as their source, beside /sources/SOURCE; paths below it, too."
    ),
]
Expires = Annotated[
    str | None, typer.Option(help="When it ends: a span such as 90d, a date such as 2027-01-31 (UTC), or never.")
]
Name = Annotated[str, typer.Argument(help="The token's id, or its source where that has one active token.")]


def create_token_command(
    source: Source,
    scope: Scopes = None,
    dataset: Datasets = None,
    event_source: EventSources = None,
    expires: Expires = None,
    note: Annotated[str, typer.Option(help="What it is for; `tokens list` shows it.")] = "",
) -> None:
    """Make a token and print it; it cannot be shown again."""
    now = Clock().now()
    with _home() as home:
        issued = issue(
            home.tokens_file,
            source,
            scope or INGEST_SCOPES,
            now,
            datasets=dataset or None,
            event_sources=event_source or (),
            expires_at=end_of(expires, now),
            note=note,
        )
    typer.echo(issued.token)


def list_tokens(
    everything: Annotated[bool, typer.Option("--all", help="Those that expired or were revoked, too.")] = False,
    machine: Annotated[bool, typer.Option("--json", help="As JSON, one array.")] = False,
) -> None:
    """List tokens: whose they are, what they may do, until when, when last used. Not the tokens: nobody has them."""
    now = Clock().now()
    with _home() as home:
        entries = read_entries(home.tokens_file) if home.tokens_file.exists() else ()
        used = _used_dir(home)
    shown = [(each, last_used(used, each.id)) for each in entries if everything or each.state(now) == "active"]
    if machine:
        typer.echo(as_json(shown, now))
    elif shown:
        as_table(shown, now, sys.stdout.isatty())
    else:
        typer.echo("No tokens.")


def rotate_token(
    name: Name,
    overlap: Annotated[
        str, typer.Option(help="How long the old token goes on working: 7d, 12h, or 0m to end it now.")
    ] = "7d",
    expires: Expires = None,
) -> None:
    """Print a new token with the rights of an old one, which goes on working until the overlap ends."""
    now = Clock().now()
    with _home() as home:
        end = end_of(expires, now)
        endless = expires is not None and end is None
        issued = rotate(home.tokens_file, name, now, span_of(overlap), end, endless=endless)
        adopted = home.adopt_successor(issued.token, issued.entry.id)
    typer.echo(issued.token)
    if adopted:
        typer.echo(f"{home.token_file} has the new token now.", err=True)


def revoke_tokens(
    names: Annotated[list[str], typer.Argument(help="Ids, of expired tokens too, or sources that have one.")],
) -> None:
    """End tokens at once."""
    with _home() as home:
        for entry in revoke(home.tokens_file, names, Clock().now()):
            typer.echo(f"Revoked {entry.id} of {entry.source}.")


@contextmanager
def _home() -> Iterator[Home]:
    """The home whose tokens file is meant; what is wrong with the request or the file is a LocalError."""
    home = Home(load_settings().home)
    home.create()
    try:
        yield home
    except (ValueError, TokensUnreadable) as error:
        raise LocalError(str(error)) from error


def _used_dir(home: Home) -> Path:
    return load_settings().tokens_used_dir or used_beside(home.tokens_file)
