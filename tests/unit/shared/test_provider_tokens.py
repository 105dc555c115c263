"""JWTs of an identity provider: verified against its keys, and refused with what is wrong."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import ValidationError

from shared.clock import Clock, FixedClock
from shared.errors import Unauthenticated, Unavailable
from shared.security import IdentitySettings, TokenStore, issue_token, verifier
from shared.security.provider_keys import ProviderKeys
from shared.security.provider_tokens import ProviderTokens
from tests.parts.provider import AUDIENCE, identity_provider


@pytest.fixture
def provider():
    with identity_provider() as provider:
        yield provider


class Stopwatch:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch():
    return Stopwatch()


def tokens_of(provider, watch=None, clock=None, **settings):
    settings = IdentitySettings(oidc_issuer=provider.issuer, oidc_audience=AUDIENCE, **settings)
    keys = ProviderKeys(provider.issuer, settings.oidc_jwks_url, watch or Stopwatch())
    return ProviderTokens(settings, keys, clock or Clock())


def test_a_jwt_leads_to_its_source_and_those_of_its_scopes_that_are_known_here(provider):
    principal = tokens_of(provider).authenticate(provider.token(scope="openid ingest:crimes notify:read nonsense"))
    assert (principal.source, principal.scopes) == ("met", {"ingest:crimes", "notify:read"})
    assert principal.datasets is None
    assert principal.owns("/sources/met")
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


def test_claims_may_go_by_other_names_and_bind_to_datasets(provider):
    tokens = tokens_of(
        provider,
        oidc_source_claim="azp",
        oidc_sources={"0f3c-client": "cad"},
        oidc_scope_claim="roles",
        oidc_datasets_claim="ds",
    )
    principal = tokens.authenticate(provider.token(azp="0f3c-client", roles=["ingest:calls"], ds=["live"]))
    assert (principal.source, principal.scopes, principal.datasets) == ("cad", {"ingest:calls"}, {"live"})


def test_the_address_of_the_keys_may_be_given_instead_of_discovered(provider):
    tokens = tokens_of(provider, oidc_jwks_url=f"{provider.issuer}/keys")
    assert tokens.authenticate(provider.token()).source == "met"
    assert provider.asked == ["/keys"]


def test_rsa_signs_as_well(provider):
    provider.add_rsa("rsa")
    assert tokens_of(provider).authenticate(provider.token(key_id="rsa")).source == "met"


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "PS384"])
def test_a_key_that_names_no_algorithm_may_sign_with_each_of_its_kind(provider, algorithm):
    provider.add_rsa("rsa")
    assert tokens_of(provider).authenticate(provider.token(key_id="rsa", algorithm=algorithm)).source == "met"


def test_a_key_that_names_its_algorithm_signs_with_no_other(provider):
    provider.keys = {}
    provider.add_rsa("rsa")
    provider.published = {"alg": "RS512"}
    tokens = tokens_of(provider)
    assert tokens.authenticate(provider.token(algorithm="RS512")).source == "met"
    with pytest.raises(Unauthenticated, match="alg value is not allowed"):
        tokens.authenticate(provider.token(algorithm="RS256"))


@pytest.mark.parametrize("end", ["4102444800", 4102444800000, 1e300], ids=["text", "milliseconds", "beyond"])
def test_an_end_that_is_no_time_in_seconds_is_refused(provider, end):
    with pytest.raises(Unauthenticated, match="it must be a number of seconds since 1970"):
        tokens_of(provider).authenticate(provider.token(exp=end))


def days_ago(days):
    """Far enough away to be so still when the test runs: its parameters are made when tests are collected."""
    return datetime.now(UTC) - timedelta(days=days)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": days_ago(1)}, "this token expired; ask the identity provider for a new one"),
        ({"nbf": days_ago(-1)}, "cannot be verified: The token is not yet valid"),
        ({"aud": "another"}, "is not meant for oversight"),
        ({"aud": None}, "lacks the claim aud"),
        ({"exp": None}, "lacks the claim exp"),
        ({"iss": "https://another.example"}, "was not issued by http://127.0.0.1"),
        ({"iss": None}, "lacks the claim iss"),
        ({"sub": None}, "lacks the claim sub, which says whose it is"),
        ({"sub": "Met/1"}, "'Met/1' cannot be a source"),
    ],
)
def test_a_jwt_with_a_wrong_claim_is_refused_by_its_name(provider, claims, why):
    with pytest.raises(Unauthenticated, match=why):
        tokens_of(provider).authenticate(provider.token(**claims))


def test_a_client_that_no_source_is_named_for_is_refused(provider):
    tokens = tokens_of(provider, oidc_sources={"cad": "cad"})
    with pytest.raises(Unauthenticated, match="sub 'met' has no source here"):
        tokens.authenticate(provider.token())


def test_a_jwt_that_somebody_else_signed_is_refused(provider):
    with identity_provider() as other:
        forged = other.token(iss=provider.issuer)
    with pytest.raises(Unauthenticated, match="Signature verification failed"):
        tokens_of(provider).authenticate(forged)


def test_a_changed_jwt_is_refused(provider):
    header, _, signature = provider.token().split(".")
    body = provider.token(sub="btp").split(".")[1]
    with pytest.raises(Unauthenticated, match="Signature verification failed"):
        tokens_of(provider).authenticate(f"{header}.{body}.{signature}")


def test_an_unsigned_jwt_is_refused(provider):
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    with pytest.raises(Unauthenticated, match="cannot be verified"):
        tokens_of(provider).authenticate(jwt.encode(claims, None, "none", headers={"kid": "first"}))


def encoded(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def test_the_public_key_does_not_do_as_the_secret_of_a_symmetric_signature(provider):
    public = provider.keys["first"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    # By hand: PyJWT itself refuses to sign so.
    signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "first"}, claims))
    signature = encoded(hmac.new(pem, signed.encode(), hashlib.sha256).digest())
    with pytest.raises(Unauthenticated, match="The specified alg value is not allowed"):
        tokens_of(provider).authenticate(f"{signed}.{signature}")


@pytest.mark.parametrize("nonsense", ["..", "a.b.c", "e30.e30.", "é.é.é", "eyJhbGciOjF9.e30.AA"])
def test_nonsense_with_two_points_is_refused(provider, nonsense):
    with pytest.raises(Unauthenticated, match="cannot be verified"):
        tokens_of(provider).authenticate(nonsense)


def test_a_new_key_of_the_provider_is_fetched_when_a_token_names_it(provider, watch):
    tokens = tokens_of(provider, watch)
    tokens.authenticate(provider.token())
    provider.rotate("second")
    watch.now += 11
    assert tokens.authenticate(provider.token()).source == "met"


def test_a_key_that_the_provider_took_back_is_no_longer_trusted_after_five_minutes(provider, watch):
    tokens = tokens_of(provider, watch)
    tokens.authenticate(provider.token())
    stolen = provider.token(sub="btp")
    provider.rotate("second")
    watch.now += 301
    with pytest.raises(Unauthenticated, match="signed by a key that the identity provider does not have"):
        tokens.authenticate(stolen)


def test_made_up_keys_do_not_have_the_provider_asked_again_and_again(provider, watch):
    tokens = tokens_of(provider, watch)
    for number in range(20):
        with pytest.raises(Unauthenticated, match="signed by a key"):
            tokens.authenticate(provider.token(header={"kid": f"k{number}"}))
    assert provider.asked.count("/keys") == 1


def test_a_provider_that_is_down_leaves_its_keys_in_use_for_an_hour_and_then_nobody_is_let_in(provider, watch, caplog):
    tokens = tokens_of(provider, watch)
    tokens.authenticate(provider.token())
    provider.fails = True
    watch.now += 3599
    assert tokens.authenticate(provider.token(jti="2")).source == "met"
    assert "cannot be fetched" in caplog.text
    watch.now += 2
    with pytest.raises(Unavailable, match="cannot be asked for its keys"):
        tokens.authenticate(provider.token(jti="3"))
    provider.fails = False
    watch.now += 10
    assert tokens.authenticate(provider.token(jti="4")).source == "met"


def test_a_provider_that_hangs_holds_up_two_callers_for_two_seconds_and_no_other(provider):
    tokens, token = tokens_of(provider), provider.token()

    def waited(_):
        began = monotonic()
        with pytest.raises(Unavailable, match="cannot be asked for its keys"):
            tokens.authenticate(token)
        return monotonic() - began

    provider.answers.clear()
    with ThreadPoolExecutor(10) as pool:
        held = [seconds > 1.5 for seconds in pool.map(waited, range(10))]
    assert 1 <= sum(held) <= 2
    assert len(provider.asked) == 1


def test_keys_without_end_are_not_read_to_their_end(provider, caplog):
    provider.published = {"x5c": "A" * 2_000_000}
    with pytest.raises(Unavailable):
        tokens_of(provider).authenticate(provider.token())
    assert "answers more than 1,048,576 bytes" in caplog.text


def test_the_discovery_document_of_another_issuer_is_not_believed(provider, caplog):
    settings = IdentitySettings(oidc_issuer=f"{provider.issuer}/", oidc_audience=AUDIENCE)
    tokens = ProviderTokens(settings, ProviderKeys(f"{provider.issuer}/", None), Clock())
    with pytest.raises(Unavailable):
        tokens.authenticate(provider.token())
    assert "its discovery document is that of" in caplog.text


def test_a_verified_jwt_is_remembered_for_five_minutes_and_not_beyond_its_end(provider):
    clock = FixedClock(datetime.now(UTC))
    tokens = tokens_of(provider, clock=clock)
    long, short = provider.token(), provider.token(exp=datetime.now(UTC) + timedelta(minutes=2))
    assert tokens.remembered(long) is None
    for token in (long, short):
        tokens.authenticate(token)
        assert tokens.remembered(token).source == "met"
    clock.set(clock.now() + timedelta(minutes=3))
    assert [bool(tokens.remembered(each)) for each in (long, short)] == [True, False]
    clock.set(clock.now() + timedelta(minutes=3))
    assert tokens.remembered(long) is None


def test_beside_a_provider_the_tokens_that_were_issued_here_go_on_working(provider, tmp_path):
    path = tmp_path / "tokens.json"
    settings = IdentitySettings(oidc_issuer=provider.issuer, oidc_audience=AUDIENCE)
    either = verifier(path, settings)
    assert either.authenticate(f"Bearer {provider.token()}").source == "met"
    ours = f"Bearer {issue_token(path, 'btp', ['ingest:crimes'])}"
    assert either.remembered(ours) is None
    assert either.authenticate(ours).source == "btp"
    assert either.remembered(ours).source == "btp"


def test_without_a_provider_a_jwt_is_as_unknown_as_any_other_text(provider, tmp_path):
    path = tmp_path / "tokens.json"
    issue_token(path, "met", ["ingest:crimes"])
    only = verifier(path, IdentitySettings())
    assert isinstance(only, TokenStore)
    with pytest.raises(Unauthenticated, match="not known here"):
        only.authenticate(f"Bearer {provider.token()}")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"oidc_issuer": "https://id.example"}, "OVERSIGHT_OIDC_ISSUER and OVERSIGHT_OIDC_AUDIENCE are set together"),
        ({"oidc_issuer": "http://id.example", "oidc_audience": "x"}, "must begin with https://"),
        ({"oidc_issuer": "id.example", "oidc_audience": "x"}, "must begin with https://"),
        ({"oidc_jwks_url": "http://id.example/keys"}, "OVERSIGHT_OIDC_JWKS_URL"),
        ({"oidc_sources": {"a": "A B"}}, "must be lower-case letters"),
    ],
)
def test_settings_that_would_not_be_safe_stop_the_start(settings, why):
    with pytest.raises(ValidationError, match=why):
        IdentitySettings(**settings)


def test_the_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("OVERSIGHT_OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("OVERSIGHT_OIDC_AUDIENCE", "oversight")
    monkeypatch.setenv("OVERSIGHT_OIDC_SOURCES", '{"0f3c": "cad"}')
    settings = IdentitySettings()
    assert (settings.oidc_issuer, settings.oidc_sources) == ("https://id.example", {"0f3c": "cad"})
