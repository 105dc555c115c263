"""Who may post what to ingest: datasets, CloudEvents sources, ends, rotation and revocation, without a restart."""

import asyncio
from datetime import timedelta

import pytest

from shared.clock import Clock
from shared.security import INGEST_SCOPES, IdentitySettings
from shared.security.issuing import issue, revoke, rotate
from shared.security.last_use import last_used, used_beside
from tests.integration.ingest import Log, crime, problem_of, running
from tests.parts.provider import AUDIENCE, identity_provider

NOTICED_SECONDS = 0.06
STRUCTURED = {"Content-Type": "application/cloudevents+json"}


@pytest.fixture
async def log(parts):
    async with Log(parts.bootstrap) as log:
        yield log


@pytest.fixture
async def ingest(parts, tmp_path, log):
    async with running(parts.bootstrap, tmp_path) as ingest:
        yield ingest


def issued(ingest, **rights):
    return issue(ingest.tokens_file, ingest.source, INGEST_SCOPES, Clock().now(), **rights)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def post(ingest, token, event):
    return await ingest.client.post("/v1/crimes", json=event, headers=bearer(token))


def event_of(source, data):
    attributes = {"specversion": "1.0", "id": "1", "source": source, "type": "oversight.crime.v1"}
    return attributes | {"data": data}


async def test_a_token_bound_to_datasets_posts_to_them_and_to_no_other(ingest, log):
    token = issued(ingest, datasets=["live", "trial"]).token
    assert (await post(ingest, token, [crime(), crime(dataset="trial")])).status_code == 202
    refused = await post(ingest, token, [crime(), crime(dataset="board")])
    assert refused.status_code == 403
    (error,) = problem_of(refused)["errors"]
    assert (error["field"], error["value"], error["nearest"]) == ("dataset", "board", ["live", "trial"])
    assert len(await log.arrived()) == 2


async def test_many_lines_are_bound_to_the_datasets_as_well(ingest, log):
    token = issued(ingest, datasets=["trial"]).token
    lines = b'{"crime_id":"1","status":"recorded","recorded_on":"2017-06-01","area":"E09000007","offence":"rape"}\n' * 3
    headers = bearer(token) | {"Content-Type": "application/x-ndjson"}
    refused = await ingest.client.post("/v1/crimes", content=lines, headers=headers)
    assert (refused.status_code, problem_of(refused)["errors"][0]["value"]) == (403, "live")
    assert await log.arrived() == []


@pytest.mark.parametrize("mode", ["binary", "structured", "batched"])
async def test_a_cloudevent_of_another_source_is_refused_and_nothing_of_it_kept(ingest, log, mode):
    token = issued(ingest).token
    foreign = event_of("/sources/another", crime())
    attributes = {f"ce-{name}": foreign[name] for name in ("specversion", "id", "source", "type")}
    own = event_of(f"/sources/{ingest.source}", crime())
    request, field = {
        "binary": ({"json": foreign["data"], "headers": attributes}, "ce-source"),
        "structured": ({"json": foreign, "headers": STRUCTURED}, "source"),
        "batched": (
            {"json": [own, foreign], "headers": {"Content-Type": "application/cloudevents-batch+json"}},
            "[1].source",
        ),
    }[mode]
    refused = await ingest.client.post("/v1/events", **request | {"headers": request["headers"] | bearer(token)})
    assert refused.status_code == 403
    (error,) = problem_of(refused)["errors"]
    assert (error["field"], error["value"]) == (field, "/sources/another")
    assert error["nearest"] == [f"/sources/{ingest.source}"]
    assert await log.arrived() == []


async def test_a_token_may_have_cloudevents_sources_of_its_own(ingest, log):
    token = issued(ingest, event_sources=["https://cad.example/rooms"]).token
    for source in ("https://cad.example/rooms", "https://cad.example/rooms/3", f"/sources/{ingest.source}"):
        event = event_of(source, crime())
        answer = await ingest.client.post("/v1/events", json=event, headers=STRUCTURED | bearer(token))
        assert answer.status_code == 202
    # What stands in the log is the source that the record is filed under.
    assert {dict(each.headers)["ce_source"] for each in await log.arrived()} == {f"/sources/{ingest.source}".encode()}


async def test_a_running_service_notices_rotation_revocation_and_ends(ingest):
    tokens, now = ingest.tokens_file, Clock().now()
    old = issued(ingest, expires_at=now + timedelta(days=1))
    assert (await post(ingest, old.token, crime())).status_code == 202
    new = rotate(tokens, old.entry.id, now, keep=timedelta(hours=1))
    assert [(await post(ingest, each.token, crime())).status_code for each in (old, new)] == [202, 202]
    revoke(tokens, [old.entry.id], now)
    await asyncio.sleep(NOTICED_SECONDS)
    answers = [await post(ingest, each.token, crime()) for each in (old, new)]
    assert [answer.status_code for answer in answers] == [401, 202]
    assert "was revoked" in problem_of(answers[0])["detail"]
    rotate(tokens, new.entry.id, now, keep=timedelta())
    await asyncio.sleep(NOTICED_SECONDS)
    ended = await post(ingest, new.token, crime())
    assert ended.status_code == 401
    assert "this token expired" in problem_of(ended)["detail"]


async def test_a_tokens_file_that_breaks_answers_503_and_the_service_mends_with_it(ingest):
    good = ingest.tokens_file.read_bytes()
    ingest.tokens_file.write_bytes(good[:-20])
    await asyncio.sleep(NOTICED_SECONDS)
    refused = await ingest.client.post("/v1/crimes", json=crime())
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    ingest.tokens_file.write_bytes(good)
    assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202


async def test_the_last_use_of_a_token_is_kept(ingest):
    token, used = issued(ingest), used_beside(ingest.tokens_file)
    assert last_used(used, token.entry.id) is None
    await post(ingest, token.token, crime())
    assert abs(last_used(used, token.entry.id) - Clock().now()) < timedelta(minutes=2)


async def test_a_service_lets_in_who_the_identity_provider_vouches_for(parts, tmp_path, log):
    with identity_provider() as provider:
        identity = IdentitySettings(oidc_issuer=provider.issuer, oidc_audience=AUDIENCE)
        async with running(parts.bootstrap, tmp_path, identity=identity) as ingest:
            assert (await post(ingest, provider.token(sub="cad"), crime(crime_id="1"))).status_code == 202
            assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202  # issued here
            refused = await post(ingest, provider.token(scope="ingest:calls"), crime())
            assert (refused.status_code, "lacks the scope" in problem_of(refused)["detail"]) == (403, True)
            refused = await post(ingest, provider.token(aud="another"), crime())
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
            provider.fails = True
            assert (await post(ingest, provider.token(sub="btp"), crime())).status_code == 202  # by the keys it has
    assert "cad/live/1" in {record.key.decode() for record in await log.arrived()}
