import json
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from local import cli
from local.errors import LocalError
from local.home import Home
from shared.errors import Unauthenticated
from shared.security import INGEST_SCOPES, TokenStore


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERSIGHT_HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home")


def run(*arguments):
    return CliRunner().invoke(cli.commands, arguments, catch_exceptions=False)


def principal(home, token):
    return TokenStore(home.tokens_file).authenticate(f"Bearer {token.strip()}")


def test_a_created_token_is_printed_and_has_the_scopes_that_were_named(home):
    made = run("tokens", "create", "force-crime-system", "--scope", "ingest:crimes", "--scope", "ingest:stops")
    assert made.exit_code == 0
    assert principal(home, made.output).source == "force-crime-system"
    assert principal(home, made.output).scopes == {"ingest:crimes", "ingest:stops"}


def test_a_token_created_without_a_scope_may_post_every_kind_of_record(home):
    assert principal(home, run("tokens", "create", "cad").output).scopes == set(INGEST_SCOPES)


def test_a_token_may_be_bound_to_datasets_and_to_a_time_and_is_listed_without_its_secret(home):
    made = run("tokens", "create", "cad", "--dataset", "live", "--expires", "90d", "--note", "control room")
    (listed,) = json.loads(run("tokens", "list", "--json").output)
    assert listed["id"] == made.output.split("_")[1]
    assert (listed["source"], listed["datasets"], listed["note"]) == ("cad", ["live"], "control room")
    lasts = datetime.fromisoformat(listed["expires_at"]) - datetime.fromisoformat(listed["created_at"])
    assert lasts == timedelta(days=90)
    assert listed["last_used_at"] is None
    assert made.output.strip().split("_", 2)[2] not in run("tokens", "list", "--all", "--json").output


def test_the_list_shows_when_a_token_was_last_used(home):
    made = run("tokens", "create", "cad")
    principal(home, made.output)
    (listed,) = json.loads(run("tokens", "list", "--json").output)
    assert listed["last_used_at"] is not None
    assert listed["last_used_at"][:13].replace("T", " ") in run("tokens", "list").output


def test_a_rotated_token_works_beside_its_successor_until_the_overlap_is_over(home):
    old = run("tokens", "create", "cad", "--scope", "ingest:calls").output
    new = run("tokens", "rotate", "cad", "--overlap", "1h").output
    assert principal(home, old) == principal(home, new)
    newest = run("tokens", "rotate", "cad", "--overlap", "0m").output
    assert principal(home, newest).source == "cad"
    with pytest.raises(Unauthenticated, match="this token expired"):
        principal(home, new)


def test_a_home_whose_own_token_is_rotated_keeps_the_successor(home):
    home.create()
    old = home.ensure_token()
    run("tokens", "rotate", "local", "--overlap", "0m")
    assert home.token() != old
    assert principal(home, home.token()).source == "local"
    assert home.ensure_token() == home.token()


def test_a_revoked_token_is_refused_and_listed_only_among_all(home):
    made = run("tokens", "create", "cad").output
    assert run("tokens", "revoke", "cad").output == f"Revoked {made.split('_')[1]} of cad.\n"
    with pytest.raises(Unauthenticated, match="was revoked"):
        principal(home, made)
    assert run("tokens", "list").output == "No tokens.\n"
    assert "revoked" in run("tokens", "list", "--all").output


@pytest.mark.parametrize("wrong", ["90", "3y", "tomorrow", "-1d", "2026-13-01"])
def test_an_end_that_cannot_be_read_is_refused_with_how_one_is_written(home, wrong):
    with pytest.raises(LocalError, match="write a number and m, h, d or w, such as 90d"):
        run("tokens", "create", "cad", "--expires", wrong)
    assert not home.tokens_file.exists()


@pytest.mark.parametrize("command", [["create", "btp", "--expires"], ["rotate", "cad", "--overlap"]])
def test_a_span_beyond_the_calendar_is_refused_and_changes_nothing(home, command):
    run("tokens", "create", "cad")
    before = home.tokens_file.read_bytes()
    with pytest.raises(LocalError, match="beyond the calendar"):
        run("tokens", *command, "999999w")
    assert home.tokens_file.read_bytes() == before


def test_an_end_is_listed_to_the_minute(home):
    run("tokens", "create", "cad", "--expires", "2h")
    (listed,) = json.loads(run("tokens", "list", "--json").output)
    assert listed["expires_at"][:16].replace("T", " ") in run("tokens", "list").output


def test_a_successor_may_be_without_end(home):
    run("tokens", "create", "cad", "--expires", "90d")
    run("tokens", "rotate", "cad")
    assert json.loads(run("tokens", "list", "--json").output)[1]["expires_at"]
    run("tokens", "rotate", "cad", "--expires", "never")
    assert json.loads(run("tokens", "list", "--json").output)[2]["expires_at"] is None


def test_a_tokens_file_that_is_broken_is_named_and_left_as_it_is(home):
    home.create()
    home.tokens_file.write_text("{")
    with pytest.raises(LocalError, match=f"{home.tokens_file} is not a tokens file"):
        run("tokens", "create", "cad")
    assert home.tokens_file.read_text() == "{"


def test_what_stops_a_command_is_said_without_a_traceback(home, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["oversight", "tokens", "create", "cad", "--scope", "everything"])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("oversight: unknown scope 'everything'; known: ingest:crimes")


def test_every_command_says_what_it_is_for(home):
    for command in (
        "up",
        "import datastore",
        "import police-uk",
        "tokens create",
        "tokens list",
        "tokens rotate",
        "tokens revoke",
    ):
        assert run(*command.split(), "--help").exit_code == 0
