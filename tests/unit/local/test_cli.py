import pytest
from typer.testing import CliRunner

from local import cli
from local.home import Home
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


def test_what_stops_a_command_is_said_without_a_traceback(home, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["oversight", "tokens", "create", "cad", "--scope", "everything"])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("oversight: unknown scope 'everything'; known: ingest:crimes")


def test_every_command_says_what_it_is_for(home):
    for command in ("up", "import datastore", "import police-uk", "tokens create"):
        assert run(*command.split(), "--help").exit_code == 0
