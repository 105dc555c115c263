"""The command line, `oversight`: a table of commands. What each does stands in the module that it calls."""

import sys

import typer

from local.dead_letters.command import (
    drop_dead_letters,
    list_dead_letters,
    replay_dead_letters,
    resume_consumers,
    show_dead_letter,
)
from local.errors import LocalError
from local.importers.csv_command import import_csv
from local.importers.datastore_command import import_datastore
from local.importers.police_uk_command import import_police_uk
from local.importers.surveys_command import import_surveys
from local.rebuild import rebuild_metrics
from local.rules.command import preview_rules
from local.simulate.command import simulate
from local.tokens.command import create_token_command, list_tokens, revoke_tokens, rotate_token
from local.up import up_command
from shared.errors import OversightError

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",  # joins the lines of a paragraph
    help="Oversight: recorded crime and calls as they happen.",
)
imports = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Bring in published records.")
dead_letters = typer.Typer(no_args_is_help=True, help="What could not be decoded or applied.")
rebuilds = typer.Typer(no_args_is_help=True, help="Count again from the log.")
rules = typer.Typer(no_args_is_help=True, help="Alert rules.")
tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens.")

commands.command("up")(up_command)
commands.add_typer(imports, name="import")
imports.command("datastore")(import_datastore)
imports.command("police-uk")(import_police_uk)
imports.command("surveys")(import_surveys)
imports.command("csv")(import_csv)
commands.command("simulate")(simulate)
commands.add_typer(dead_letters, name="dead-letters")
dead_letters.command("list")(list_dead_letters)
dead_letters.command("show")(show_dead_letter)
dead_letters.command("replay")(replay_dead_letters)
dead_letters.command("drop")(drop_dead_letters)
dead_letters.command("resume")(resume_consumers)
# The child has the options, and the help on them.
to_child = {"allow_extra_args": True, "ignore_unknown_options": True}
commands.add_typer(rebuilds, name="rebuild")
rebuilds.command("metrics", add_help_option=False, context_settings=to_child)(rebuild_metrics)
commands.add_typer(rules, name="rules")
rules.command("preview", add_help_option=False, context_settings=to_child)(preview_rules)
commands.add_typer(tokens, name="tokens")
tokens.command("create")(create_token_command)
tokens.command("list")(list_tokens)
tokens.command("rotate")(rotate_token)
tokens.command("revoke")(revoke_tokens)


def app() -> None:
    """Run the command that was typed; what stops it is printed without a traceback, and the exit code is 1."""
    try:
        commands()
    except (LocalError, OversightError) as error:
        typer.echo(f"oversight: {error}", err=True)
        sys.exit(1)
