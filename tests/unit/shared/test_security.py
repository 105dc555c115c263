import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from shared.errors import Forbidden, Unauthenticated
from shared.security import ALL_SCOPES, TokenStore, hashing, issue_token


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def token(path):
    return issue_token(path, "met", ["ingest:crimes"])


def bearer(token):
    return f"Bearer {token}"


def remove_all_but(path, source):
    tokens = json.loads(path.read_text())["tokens"]
    replacement = path.with_suffix(".new")
    replacement.write_text(json.dumps({"tokens": [each for each in tokens if each["source"] == source]}))
    replacement.replace(path)


def test_a_token_leads_to_its_source_and_its_scopes(path, token):
    principal = TokenStore(path).authenticate(bearer(token))
    assert (principal.source, principal.scopes) == ("met", {"ingest:crimes"})


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_known_in_any_case(path, token, scheme):
    assert TokenStore(path).authenticate(f"{scheme} {token}").source == "met"


def test_only_a_salted_hash_of_the_secret_is_kept_for_the_owner_alone(path, token):
    issue_token(path, "met", ["ingest:crimes"])
    kept = path.read_text()
    assert token not in kept
    assert token.split("_", 2)[2] not in kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = json.loads(kept)["tokens"]
    assert first["salt"] != second["salt"]
    assert len(bytes.fromhex(first["hash"])) == 64


def test_a_further_token_leaves_the_earlier_ones_valid(path, token):
    second = issue_token(path, "btp", ALL_SCOPES)
    store = TokenStore(path)
    assert [store.authenticate(bearer(each)).source for each in (token, second)] == ["met", "btp"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic bWV0OnB3", "{token}", "Token {token}"])
def test_a_request_without_a_bearer_token_is_told_what_to_send(path, token, header):
    with pytest.raises(Unauthenticated, match="send the header 'Authorization: Bearer TOKEN'") as caught:
        TokenStore(path).authenticate(header and header.format(token=token))
    assert caught.value.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: token.replace("ovs_", "xyz_"),
        lambda token: "ovs_000000000000_" + token.split("_", 2)[2],
        lambda token: token.rpartition("_")[0] + "_",
        lambda token: token + "é",
        lambda _token: "nonsense",
    ],
)
def test_a_wrong_token_is_refused_and_nothing_of_it_repeated(path, token, spoil):
    with pytest.raises(Unauthenticated, match=r"^this token is not known here$"):
        TokenStore(path).authenticate(bearer(spoil(token)))


def test_before_any_token_is_issued_a_caller_is_told_how_one_is(path):
    with pytest.raises(Unauthenticated, match="oversight tokens create"):
        TokenStore(path).authenticate("Bearer ovs_1_2")


def test_a_token_issued_while_the_service_runs_is_known_at_once(path, token):
    store = TokenStore(path)
    store.authenticate(bearer(token))
    assert store.authenticate(bearer(issue_token(path, "btp", ["ingest:calls"]))).source == "btp"


def test_a_token_removed_while_the_service_runs_is_refused_at_once(path, token):
    kept, store = issue_token(path, "btp", ["ingest:calls"]), TokenStore(path)
    store.authenticate(bearer(token))
    remove_all_but(path, "btp")
    with pytest.raises(Unauthenticated):
        store.authenticate(bearer(token))
    assert store.authenticate(bearer(kept)).source == "btp"


class _Removal(dict):
    """Entries that let a test act between the look-up of a token and its verification."""

    def __init__(self, entries, meanwhile):
        super().__init__(entries)
        self._meanwhile = meanwhile

    def get(self, key, default=None):
        entry = super().get(key, default)
        self._meanwhile()
        return entry


def test_a_token_removed_while_it_is_verified_is_not_remembered(path, token):
    other, store = issue_token(path, "btp", ["ingest:calls"]), TokenStore(path)
    store.authenticate(bearer(other))

    def meanwhile():
        remove_all_but(path, "btp")
        store._refresh()  # as another request does

    store._book = replace(store._book, entries=_Removal(store._book.entries, meanwhile))
    store.authenticate(bearer(token))
    with pytest.raises(Unauthenticated):
        store.authenticate(bearer(token))


@pytest.mark.parametrize("threads", [1, 20], ids=["one after the other", "at once"])
def test_a_verified_token_is_not_hashed_again(path, token, monkeypatch, threads):
    store, hashed = TokenStore(path), []
    scrypt = hashing.hashlib.scrypt
    monkeypatch.setattr(hashing.hashlib, "scrypt", lambda *a, **kw: hashed.append(1) or scrypt(*a, **kw))
    with ThreadPoolExecutor(threads) as pool:
        sources = [principal.source for principal in pool.map(store.authenticate, [bearer(token)] * 20)]
    assert sources == ["met"] * 20
    assert len(hashed) == 1


def test_a_missing_scope_is_named(path, token):
    principal = TokenStore(path).authenticate(bearer(token))
    principal.require("ingest:crimes")
    with pytest.raises(Forbidden, match=r"\(source 'met'\) lacks the scope 'ingest:calls'"):
        principal.require("ingest:calls")


@pytest.mark.parametrize("source", ["", "Met", "a/b", "a b", "é", "-", "a_b"])
def test_a_source_that_cannot_stand_in_a_key_is_refused_and_nothing_written(path, source):
    with pytest.raises(ValueError, match="must be lower-case letters, digits and hyphens"):
        issue_token(path, source, ["ingest:crimes"])
    assert not path.exists()


def test_an_unknown_scope_is_refused_with_those_that_there_are(path):
    with pytest.raises(ValueError, match="unknown scope 'ingest:everything'; known: ingest:crimes, ingest:calls"):
        issue_token(path, "met", ["ingest:everything"])
