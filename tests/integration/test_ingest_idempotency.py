"""A repeat is answered as the first was: by its records' ids and revisions always, by its key to the letter."""

import asyncio
import json

import pytest

from services.ingest import replays
from tests.integration.ingest import Log, crime, problem_of, running

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


@pytest.fixture
async def log(parts):
    async with Log(parts.bootstrap) as log:
        yield log


@pytest.fixture
async def ingest(parts, tmp_path, log):
    async with running(parts.bootstrap, tmp_path) as ingest:
        yield ingest


async def test_the_same_key_and_body_are_answered_the_same_and_published_once(ingest, log):
    batch = [crime(), crime(area="Camdem"), crime()]
    answers = [await ingest.client.post("/v1/crimes", json=batch, headers=KEY) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true"]
    assert answers[0].json()["accepted"] == 2
    assert len(await log.arrived()) == 2


async def test_the_same_revision_without_a_key_is_answered_the_same_too(ingest, log):
    batch = [crime(), crime(area="Camdem")]
    answers = [await ingest.client.post("/v1/crimes", json=batch) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    first, again = await log.arrived()
    assert (first.key, first.value) == (again.key, again.value)


@pytest.mark.parametrize("change", ["body", "path", "content type"])
async def test_the_same_key_with_another_request_is_refused(ingest, log, change):
    one = crime()
    await ingest.client.post("/v1/crimes", json=one, headers=KEY)
    path, body, media = {
        "body": ("/v1/crimes", crime(), "application/json"),
        "path": ("/v1/calls", one, "application/json"),
        "content type": ("/v1/crimes", one, "application/x-ndjson"),
    }[change]
    answer = await ingest.client.post(path, content=json.dumps(body), headers=KEY | {"Content-Type": media})
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["field"] == "Idempotency-Key"
    assert len(await log.arrived()) == 1


async def test_of_two_at_once_one_is_told_to_come_back_and_then_gets_the_answer(ingest, log):
    batch = [crime() for _ in range(200)]
    answers = await asyncio.gather(*(ingest.client.post("/v1/crimes", json=batch, headers=KEY) for _ in range(8)))
    refused = [answer for answer in answers if answer.status_code == 409]
    taken = [answer for answer in answers if answer.status_code == 202]
    assert taken
    assert len(refused) + len(taken) == 8
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert (await ingest.client.post("/v1/crimes", json=batch, headers=KEY)).json() == taken[0].json()
    assert len(await log.arrived()) == 200


async def test_what_was_refused_whole_may_be_mended_under_its_key(ingest, log):
    wrong = await ingest.client.post("/v1/crimes", json=crime(area="Camdem"), headers=KEY)
    right = await ingest.client.post("/v1/crimes", json=crime(area="Camden"), headers=KEY)
    assert (wrong.status_code, right.status_code) == (422, 202)
    assert len(await log.arrived()) == 1


async def test_keys_are_honoured_for_cloudevents(ingest, log):
    own = {"specversion": "1.0", "source": f"/sources/{ingest.source}", "type": "oversight.crime.v1"}
    batch = [own | {"id": str(number), "data": crime()} for number in range(2)]
    headers = KEY | {"Content-Type": "application/cloudevents-batch+json"}
    answers = [await ingest.client.post("/v1/events", json=batch, headers=headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(await log.arrived()) == 2


async def test_a_token_that_may_do_less_is_not_shown_the_answer(ingest, log):
    one = crime()
    await ingest.client.post("/v1/crimes", json=one, headers=KEY)
    answer = await ingest.client.post("/v1/crimes", json=one, headers=KEY | ingest.bearer("ingest:calls"))
    assert answer.status_code == 403
    assert (
        await ingest.client.post("/v1/crimes", json=one, headers=KEY | {"Authorization": "Bearer x"})
    ).status_code == 401


@pytest.mark.parametrize("key", ['"', "a b", "k" * 256])
async def test_a_key_that_is_none_is_refused(ingest, key):
    answer = await ingest.client.post("/v1/crimes", json=crime(), headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "1 to 255 visible ASCII" in problem_of(answer)["detail"]


async def test_a_body_too_large_is_refused_with_a_key_as_without(ingest):
    answer = await ingest.client.post("/v1/crimes", content=b" " * 6_000_000, headers=KEY)
    assert answer.status_code == 413


async def test_what_could_not_be_published_is_tried_again_under_its_key(tmp_path):
    async with running("127.0.0.1:1", tmp_path, publish_timeout_seconds=0.2) as ingest:
        answers = [await ingest.client.post("/v1/crimes", json=crime(), headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert replays.REPLAYED_HEADER not in answers[1].headers
