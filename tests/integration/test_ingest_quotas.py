"""A source that has used up its quota is told when to come back; nobody else notices."""

import asyncio
import re

import pytest
from prometheus_client import generate_latest

from shared.security import INGEST_SCOPES, issue_token
from tests.integration.ingest import crime, problem_of, running

LIMIT = re.compile(r'"(?P<name>[a-z-]+)";r=(?P<left>\d+);t=(?P<seconds>\d+)')


def limits(answer):
    """What is left, by the name of the quota."""
    return {found["name"]: int(found["left"]) for found in LIMIT.finditer(answer.headers["ratelimit"])}


def another(ingest):
    return {"Authorization": f"Bearer {issue_token(ingest.tokens_file, 'another', INGEST_SCOPES)}"}


async def test_without_quotas_nothing_is_limited_and_no_header_says_so(parts, tmp_path):
    async with running(parts.bootstrap, tmp_path) as ingest:
        answers = [await ingest.client.post("/v1/crimes", json=crime()) for _ in range(50)]
        assert {answer.status_code for answer in answers} == {202}
        assert not {"ratelimit", "ratelimit-policy"} & answers[0].headers.keys()


async def test_a_used_up_quota_is_a_429_that_says_when_to_come_back(parts, tmp_path):
    async with running(parts.bootstrap, tmp_path, quotas={"*": {"burst": "5 requests/10s"}}) as ingest:
        taken = [await ingest.client.post("/v1/crimes", json=crime()) for _ in range(5)]
        assert {answer.status_code for answer in taken} == {202}
        assert taken[0].headers["ratelimit-policy"] == '"burst";q=5;qu="requests";w=10'
        assert [limits(answer)["burst"] for answer in taken] == [4, 3, 2, 1, 0]
        refused = await ingest.client.post("/v1/crimes", json=crime())
        problem = problem_of(refused)
        assert refused.status_code == 429
        assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
        assert problem["violated-policies"] == ["burst"]
        assert limits(refused) == {"burst": 0}
        assert 1 <= int(refused.headers["retry-after"]) <= 2
        assert (await ingest.client.post("/v1/crimes", json=crime(), headers=another(ingest))).status_code == 202
        await asyncio.sleep(int(refused.headers["retry-after"]))
        assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202


async def test_two_tokens_of_one_source_share_its_quota(parts, tmp_path):
    async with running(parts.bootstrap, tmp_path, quotas={"*": {"hour": "2 requests/1h"}}) as ingest:
        second = ingest.bearer(*INGEST_SCOPES)
        assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202
        assert (await ingest.client.post("/v1/crimes", json=crime(), headers=second)).status_code == 202
        assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 429


async def _in_chunks(body):
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


@pytest.mark.parametrize("form", ["declared", "of unknown length"])
async def test_bytes_count_as_they_come_and_a_body_is_never_cut_off(parts, tmp_path, form):
    body = b'{"crime_id": "' + b"x" * 190 + b'", "status": "recorded"}'
    async with running(
        parts.bootstrap, tmp_path, quotas={"*": {"day": f"{len(body) + 50} content-bytes/1d"}}
    ) as ingest:
        answers = []
        for _ in range(3):
            content = body if form == "declared" else _in_chunks(body)
            answers.append(await ingest.client.post("/v1/crimes", content=content))
        assert [answer.status_code for answer in answers] == [422, 422, 429]  # it lacks fields, but it was read
        assert [limits(answer)["day"] for answer in answers] == [50, 0, 0]
        assert int(answers[2].headers["retry-after"]) > 3600


async def test_who_has_no_valid_token_uses_up_nobodys_quota(parts, tmp_path):
    async with running(parts.bootstrap, tmp_path, quotas={"*": {"hour": "1 requests/1h"}}) as ingest:
        for _ in range(3):
            refused = await ingest.client.post("/v1/crimes", json=crime(), headers={"Authorization": "Bearer ovs_0_x"})
            assert refused.status_code == 401
        assert (await ingest.client.get("/readyz")).status_code in (200, 503)
        assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202


async def test_an_operator_sees_who_was_refused(parts, tmp_path):
    async with running(parts.bootstrap, tmp_path, quotas={"*": {"hour": "1 requests/1h"}}) as ingest:
        for _ in range(3):
            await ingest.client.post("/v1/crimes", json=crime())
        await ingest.client.post("/v1/crimes", json=crime(), headers=another(ingest))
        lines = generate_latest().decode().splitlines()
        counted = f'oversight_ingest_limited_requests_total{{quota="hour",source="{ingest.source}"}} 2.0'
        assert counted in lines
        assert not [line for line in lines if 'source="another"' in line and "limited" in line]
