import os
import stat
import subprocess
import sys

import pytest

from local.errors import LocalError
from local.home import Addresses, Home
from shared.security import ALL_SCOPES, TokenStore, issue_token

ADDRESSES = Addresses(
    ingest="http://127.0.0.1:1",
    metrics="http://127.0.0.1:2",
    actions="http://127.0.0.1:3",
    notify="http://127.0.0.1:4",
    kafka="127.0.0.1:5",
    redis="redis://127.0.0.1:6/0",
    smtp="127.0.0.1:7",
    database={"metrics": "sqlite:////m", "actions": "sqlite:////a", "notify": "sqlite:////n"},
    volatile_broker=True,
)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    return home


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_is_for_its_owner_alone(home):
    home.ensure_token()
    assert mode(home.root) == 0o700
    assert mode(home.token_file) == 0o600
    assert mode(home.tokens_file) == 0o600


def test_the_token_of_a_home_has_every_scope(home):
    token = home.ensure_token()
    principal = TokenStore(home.tokens_file).authenticate(f"Bearer {token}")
    assert principal.scopes == set(ALL_SCOPES)


def test_a_second_start_keeps_the_token(home):
    assert home.ensure_token() == home.ensure_token()


def test_a_token_whose_hash_was_lost_is_replaced_by_one_that_works(home):
    old = home.ensure_token()
    home.tokens_file.unlink()
    new = home.ensure_token()
    assert new != old
    assert TokenStore(home.tokens_file).authenticate(f"Bearer {new}").source == "local"


def test_a_token_that_lacks_a_scope_of_today_is_replaced(home):
    home.token_file.write_text(issue_token(home.tokens_file, "local", ["notify:read"]))
    assert TokenStore(home.tokens_file).authenticate(f"Bearer {home.ensure_token()}").scopes == set(ALL_SCOPES)


def test_a_home_without_a_token_says_how_to_get_one(home):
    with pytest.raises(LocalError, match="`oversight up` makes it"):
        home.token()


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match=f"OVERSIGHT_HOME={tmp_path}/file/home cannot be used"):
        Home(tmp_path / "file" / "home").create()


def test_a_second_stack_in_one_home_is_refused_with_the_first_ones_process_id(home):
    with (
        home.lock(),
        pytest.raises(LocalError, match=f"`oversight up` runs there as process {os.getpid()}"),
        Home(home.root).lock(),
    ):
        pytest.fail("both hold the home")


def test_a_home_can_be_held_again_after_its_holder_was_killed(home):
    hold = (
        "import sys, os, pathlib; from local.home import Home\nwith Home(pathlib.Path(sys.argv[1])).lock(): os.abort()"
    )
    subprocess.run([sys.executable, "-c", hold, str(home.root)], check=False, stderr=subprocess.DEVNULL)
    with home.lock():
        assert (home.root / "lock").read_text() == f"{os.getpid()}\n"


def test_addresses_are_found_while_the_stack_runs(home):
    with home.lock(), home.publish(ADDRESSES):
        assert home.addresses() == ADDRESSES
        assert mode(home.addresses_file) == 0o600  # a Redis URL may hold a password


def test_without_a_running_stack_there_are_no_addresses(home):
    with pytest.raises(LocalError, match=r"nothing runs in .*: start it with `oversight up`"):
        home.addresses()


def test_addresses_left_behind_by_a_killed_stack_are_not_believed(home):
    with home.publish(ADDRESSES), pytest.raises(LocalError, match="nothing runs in"):
        home.addresses()


def test_sqlite_lies_in_the_home_by_its_absolute_path(home):
    assert home.database_url("actions") == f"sqlite:////{str(home.data)[1:]}/oversight-actions.sqlite3"
