"""What is kept of tokens: their rights, their ends, their successors, and when they were last used."""

import json
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import scrypt
from itertools import count
from secrets import token_urlsafe
from time import sleep

import pytest

from shared.clock import FixedClock
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.security import Principal, TokenStore, hashing, issue_token
from shared.security.hashing import Cost, check_of
from shared.security.issuing import issue, revoke, rotate
from shared.security.last_use import last_used, used_beside
from shared.security.tokens_file import TokensUnreadable, read_entries

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def clock():
    return FixedClock(NOW)


def make(path, source="met", **rights):
    return issue(path, source, ["ingest:crimes"], NOW, **rights)


def admits(store, token):
    try:
        return store.authenticate(f"Bearer {token}").source
    except Unauthenticated as refused:
        return refused.detail


def test_a_token_ends_at_its_time_and_says_so(path, clock):
    store, issued = TokenStore(path, clock), make(path, expires_at=NOW + DAY)
    clock.set(NOW + DAY - timedelta(seconds=1))
    assert admits(store, issued.token) == "met"
    clock.set(NOW + DAY)
    assert admits(store, issued.token) == "this token expired at 2026-03-03T09:30Z; ask for a new one"
    with pytest.raises(Unauthenticated):
        store.remembered(f"Bearer {issued.token}")


def test_a_revoked_token_is_refused_at_once_and_its_neighbour_is_not(path, clock):
    store, ended, other = TokenStore(path, clock), make(path), make(path, "btp")
    assert admits(store, ended.token) == "met"
    assert [entry.id for entry in revoke(path, ["met"], NOW)] == [ended.entry.id]
    assert admits(store, ended.token) == "this token was revoked; ask for a new one"
    assert admits(store, other.token) == "btp"


def test_a_revoked_token_is_refused_within_a_twentieth_of_a_second_where_it_was_remembered(path, clock):
    store, ended = TokenStore(path, clock), make(path)
    assert admits(store, ended.token) == "met"
    assert store.remembered(f"Bearer {ended.token}").source == "met"
    revoke(path, ["met"], NOW)
    sleep(0.06)
    with pytest.raises(Unauthenticated, match="was revoked"):
        store.remembered(f"Bearer {ended.token}")


def test_after_a_rotation_both_tokens_work_until_the_overlap_ends(path, clock):
    store = TokenStore(path, clock)
    old = make(path, datasets=["live"], event_sources=["https://met.example"], note="crime system")
    new = rotate(path, "met", NOW, keep=7 * DAY)
    assert admits(store, old.token) == admits(store, new.token) == "met"
    rights = ("source", "scopes", "datasets", "event_sources", "note")
    assert [getattr(new.entry, each) for each in rights] == [getattr(old.entry, each) for each in rights]
    clock.set(NOW + 7 * DAY)
    assert admits(store, old.token) == "this token expired at 2026-03-09T09:30Z; ask for a new one"
    assert admits(store, new.token) == "met"


def test_a_rotation_never_lengthens_the_old_token_and_gives_the_new_one_as_long_a_life(path):
    old = make(path, expires_at=NOW + 90 * DAY)
    new = rotate(path, old.entry.id, NOW + 88 * DAY, keep=7 * DAY)
    kept = {entry.id: entry for entry in read_entries(path)}
    assert kept[old.entry.id].expires_at == NOW + 90 * DAY
    assert new.entry.expires_at == NOW + 178 * DAY
    assert kept[old.entry.id].successor == new.entry.id


def test_a_token_is_rotated_once_and_its_successor_by_the_sources_name(path):
    old = make(path)
    second = rotate(path, "met", NOW, keep=DAY)
    with pytest.raises(ValueError, match=f"was rotated already; its successor is {second.entry.id}"):
        rotate(path, old.entry.id, NOW, keep=DAY)
    rotate(path, "met", NOW, keep=DAY)
    assert [entry.successor for entry in read_entries(path)][1] != ""


def test_a_name_that_means_two_tokens_or_none_changes_nothing(path):
    first, second = make(path), make(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"has 2 tokens; name one: {first.entry.id}, {second.entry.id}"):
        revoke(path, ["met"], NOW)
    with pytest.raises(ValueError, match="no active token or source 'btp'"):
        revoke(path, [first.entry.id, "btp"], NOW)
    assert path.read_bytes() == before


def test_a_file_of_the_first_version_goes_on_working_and_may_be_rotated(path, clock):
    salt, secret = bytes(16), "s" * 43
    kept = scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1).hex()
    entry = {"id": "0123456789ab", "source": "met", "scopes": ["ingest:crimes"], "salt": salt.hex(), "hash": kept}
    path.write_text(json.dumps({"tokens": [entry]}))
    store = TokenStore(path, clock)
    assert admits(store, f"ovs_0123456789ab_{secret}") == "met"
    new = rotate(path, "met", NOW, keep=DAY)
    assert admits(store, f"ovs_0123456789ab_{secret}") == admits(store, new.token) == "met"


def test_a_higher_cost_of_hashing_applies_to_tokens_that_are_made_from_then_on(path, clock, monkeypatch):
    before = make(path)
    monkeypatch.setattr("shared.security.issuing._COST", Cost(n=2**16))
    after = make(path, "btp")
    store = TokenStore(path, clock)
    assert [admits(store, each.token) for each in (before, after)] == ["met", "btp"]
    assert [entry.cost.n for entry in read_entries(path)] == [2**14, 2**16]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"tokens": [', "is not a tokens file"),
        ('{"tokens": [{"id": "1"}]}', "missing required field"),
        ("\xff", "is not a tokens file"),
        ('{"tokens": [{"id": "1", "source": "met", "scopes": [], "salt": "xy", "hash": ""}]}', "matching regex"),
        ('{"version": 3, "tokens": []}', "a newer Oversight wrote"),
    ],
)
def test_a_broken_file_lets_nobody_in_says_why_and_is_not_overwritten(path, clock, text, why):
    store, issued = TokenStore(path, clock), make(path)
    assert admits(store, issued.token) == "met"
    path.write_text(text, "latin-1")
    for _ in range(2):
        with pytest.raises(Unavailable, match="the tokens file is unreadable"):
            store.authenticate(f"Bearer {issued.token}")
    with pytest.raises(TokensUnreadable, match=why):
        make(path)
    assert path.read_text("latin-1") == text


def test_a_mended_file_lets_in_again(path, clock):
    store, issued = TokenStore(path, clock), make(path)
    good = path.read_bytes()
    path.write_bytes(good[:-9])
    with pytest.raises(Unavailable):
        store.authenticate(f"Bearer {issued.token}")
    path.write_bytes(good)
    assert admits(store, issued.token) == "met"


def _issue_one(path):
    return issue_token(path, "met", ["ingest:crimes"])


def test_tokens_made_by_processes_at_once_are_all_kept(path):
    with ProcessPoolExecutor(4) as pool:
        made = list(pool.map(_issue_one, [path] * 12))
    assert {token.split("_")[1] for token in made} == {entry.id for entry in read_entries(path)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("rights", "why"),
    [
        ({"datasets": ["Live"]}, "dataset 'Live' must be lower-case letters"),
        ({"event_sources": ["/sources/btp"]}, "must be a URI that does not begin with '/sources/'"),
        ({"event_sources": ["/"]}, "must be a URI"),
        ({"event_sources": ["/sources"]}, "must be a URI that does not begin with '/sources/'"),
        ({"event_sources": ["https://btp.example/cad/1"]}, "is that of the source 'btp'"),
        ({"expires_at": NOW}, "would have expired at 2026-03-02 09:30 UTC"),
    ],
)
def test_rights_that_will_not_do_are_refused_by_name(path, rights, why):
    make(path, "btp", event_sources=["https://btp.example/cad"])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=why):
        make(path, **rights)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("event_source", "own"),
    [
        ("/sources/met", True),
        ("/sources/met/cris", True),
        ("https://met.example/crime", True),
        ("https://met.example/crime/unit-7", True),
        ("/sources/met/unit.7/..crime", True),
        ("/sources/met/../btp", False),
        ("/sources/met/./cris", False),
        ("/sources/met/cris/%2E%2e/%2e%2E/btp", False),
        ("https://met.example/crime/..?x=1", False),
        ("/sources/met2", False),
        ("/sources/btp", False),
        ("https://met.example/crimes", False),
        ("https://met.example", False),
        ("", False),
    ],
)
def test_a_cloudevents_source_is_ones_own_or_below_it(path, clock, event_source, own):
    issued = make(path, event_sources=["https://met.example/crime/"])
    principal = TokenStore(path, clock).authenticate(f"Bearer {issued.token}")
    assert principal.owns(event_source) == own


def test_a_uri_above_everybodys_lets_nobody_post_as_another():
    principal = Principal("met", frozenset(), event_sources=("/sources",))
    assert principal.owns("/sources/met/cris")
    assert not principal.owns("/sources/btp")


def test_datasets_bound_where_a_token_posts(path, clock):
    store = TokenStore(path, clock)
    bound = store.authenticate(f"Bearer {make(path, datasets=['live', 'test']).token}")
    free = store.authenticate(f"Bearer {make(path).token}")
    bound.require_datasets(["live", "test", "live"])
    free.require_datasets(["other"])
    with pytest.raises(Forbidden, match="'other' is not a dataset of this token; it may post to live, test") as refused:
        bound.require_datasets(["live", "other"])
    (error,) = refused.value.errors
    assert (error.field, error.value, error.nearest) == ("dataset", "other", ("live", "test"))


def test_the_last_use_is_kept_to_the_minute_and_not_with_every_request(path, clock, monkeypatch):
    store, issued = TokenStore(path, clock), make(path)
    written, utime = [], os.utime
    monkeypatch.setattr("shared.security.last_use.os.utime", lambda *a: written.append(a) or utime(*a))
    assert last_used(used_beside(path), issued.entry.id) is None
    for second in range(0, 130, 10):
        clock.set(NOW + timedelta(seconds=second))
        store.authenticate(f"Bearer {issued.token}")
    assert last_used(used_beside(path), issued.entry.id) == NOW + timedelta(minutes=2)
    assert len({times for _, times in written if times}) == 3


def test_a_refused_token_was_not_used(path, clock):
    store, issued = TokenStore(path, clock), make(path)
    revoke(path, ["met"], NOW)
    assert "revoked" in admits(store, issued.token)
    assert last_used(used_beside(path), issued.entry.id) is None


def test_where_the_last_use_cannot_be_kept_requests_pass_and_one_line_says_so(tmp_path, path, clock, caplog):
    blocked = tmp_path / "file"
    blocked.touch()
    store, issued = TokenStore(path, clock, blocked / "used"), make(path)
    for minute in range(3):
        clock.set(NOW + timedelta(minutes=minute))
        assert admits(store, issued.token) == "met"
    assert [record.message for record in caplog.records if "last used cannot be kept" in record.message] == [
        record.message for record in caplog.records
    ]
    assert len(caplog.records) == 1


@pytest.fixture
def hashes(monkeypatch):
    """One item for each time that scrypt is asked."""
    done, real = [], hashing.hashed
    monkeypatch.setattr(hashing, "hashed", lambda *a: done.append(1) or real(*a))
    return done


def without_checks(path):
    """The file as it was before tokens had them."""
    file = json.loads(path.read_text())
    path.write_text(json.dumps(file | {"tokens": [{**each, "check": ""} for each in file["tokens"]]}))


def test_made_up_secrets_are_refused_without_being_hashed(path, clock, hashes):
    store, issued = TokenStore(path, clock), make(path)
    for _ in range(300):
        assert admits(store, f"ovs_{issued.entry.id}_{token_urlsafe(32)}") == "this token is not known here"
    assert len(hashes) <= 2  # one in 65,536 has the same check
    assert admits(store, issued.token) == "met"


def test_what_needs_no_hash_is_refused_where_only_what_is_remembered_is_asked(path, clock):
    store, issued = TokenStore(path, clock), make(path)
    salt = bytes.fromhex(issued.entry.salt)
    secret = next(each for each in map(str, count()) if check_of(each, salt) != issued.entry.check)
    for wrong in (f"ovs_{issued.entry.id}_{secret}", f"ovs_0123456789ab_{token_urlsafe(32)}", "nonsense"):
        with pytest.raises(Unauthenticated, match="is not known here"):
            store.remembered(f"Bearer {wrong}")
    assert store.remembered(f"Bearer {issued.token}") is None
    assert store.remembered(f"Bearer {make(path, 'btp').token}") is None  # made just now, and known already


def test_a_wrong_secret_that_is_sent_again_and_again_is_hashed_once(path, clock, hashes):
    store, issued = TokenStore(path, clock), make(path)
    without_checks(path)
    for _ in range(5):
        assert admits(store, issued.token[:-1]) == "this token is not known here"
    assert len(hashes) == 1


def test_a_secret_of_the_right_check_is_hashed_all_the_same(path, clock, hashes):
    store, issued = TokenStore(path, clock), make(path)
    salt = bytes.fromhex(issued.entry.salt)
    wrong = next(each for each in map(str, count()) if check_of(each, salt) == issued.entry.check)
    assert admits(store, f"ovs_{issued.entry.id}_{wrong}") == "this token is not known here"
    assert len(hashes) == 1


def test_a_token_that_somebody_else_is_given_has_nobody_hashed_again(path, clock, hashes):
    store, issued = TokenStore(path, clock), make(path)
    assert admits(store, issued.token) == "met"
    make(path, "btp")
    assert (admits(store, issued.token), len(hashes)) == ("met", 1)


def test_a_remembered_token_has_the_rights_that_the_file_gives_it_now(path, clock):
    store, issued = TokenStore(path, clock), make(path)
    assert admits(store, issued.token) == "met"
    file = json.loads(path.read_text())
    file["tokens"][0]["datasets"] = ["trial"]
    path.write_text(json.dumps(file))
    assert store.authenticate(f"Bearer {issued.token}").datasets == {"trial"}


def test_where_the_tokens_file_cannot_be_looked_at_nobody_is_let_in_and_the_service_says_so(tmp_path, clock):
    (tmp_path / "no-directory").write_text("")
    store = TokenStore(tmp_path / "no-directory" / "tokens.json", clock)
    with pytest.raises(Unavailable, match="the tokens file is unreadable"):
        store.authenticate("Bearer ovs_0_0")
