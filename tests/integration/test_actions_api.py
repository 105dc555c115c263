"""Actions over HTTP, on the database and broker of the chosen stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from services.actions.app import create_app
from services.actions.settings import Settings
from shared.clock import FixedClock
from shared.security import issue_token

NOON = datetime(2023, 7, 14, 12, tzinfo=UTC)
BOARD = {"id": "performance", "name": "Performance and Risk Oversight Board"}
MEETING = {"board": "performance", "held_on": "2023-06-30"}
ACTION = {
    "meeting": "performance-2023-06-30",
    "number": 1,
    "text": "MPS to share the data on the use of handcuffs during a stop and search.",
    "owners": ["MPS", "MOPAC"],
    "paragraph": "4.3",
    "due": {"kind": "date", "on": "2023-07-10"},
}
PATH = "/v1/actions/performance-2023-06-30-1"


@pytest.fixture
def settings(parts, tmp_path):
    return Settings(
        kafka=parts.bootstrap,
        database_url=parts.database_url("actions"),
        tokens_file=tmp_path / "tokens.json",
        evaluate_seconds=3600,
    )


@asynccontextmanager
async def serving(settings, *, scopes=("actions:read", "actions:write")) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, FixedClock(NOON))
    token = issue_token(settings.tokens_file, "secretary", scopes)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://actions", headers=headers) as client,
    ):
        yield client


@pytest.fixture
async def client(settings):
    async with serving(settings) as client:
        yield client


async def post_all(client):
    return [
        await client.post(path, json=body)
        for path, body in (("/v1/boards", BOARD), ("/v1/meetings", MEETING), ("/v1/actions", ACTION))
    ]


async def test_a_board_a_meeting_and_an_action_are_kept_under_ids_made_from_what_names_them(client):
    answers = await post_all(client)
    assert [answer.status_code for answer in answers] == [201, 201, 201], [answer.text for answer in answers]
    assert answers[2].headers["location"] == PATH
    shown = (await client.get(PATH)).json()
    assert shown["owners"] == ["MPS", "MOPAC"]
    assert shown["board"] == "performance"
    assert shown["due"] == {"kind": "date", "on": "2023-07-10", "text": None}
    assert shown["days_overdue"] == 4
    assert [each["id"] for each in (await client.get("/v1/boards")).json()] == ["performance"]
    assert [each["id"] for each in (await client.get("/v1/meetings")).json()] == ["performance-2023-06-30"]


async def test_posting_the_same_again_answers_the_action_as_it_is_now(client):
    await post_all(client)
    tag = (await client.get(PATH)).headers["etag"]
    await client.patch(PATH, json={"status": "done"}, headers={"If-Match": tag})
    answers = await post_all(client)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[2].json()["status"] == "done"


async def test_other_content_under_the_same_id_is_a_conflict_that_names_the_existing_action(client):
    await post_all(client)
    answer = await client.post("/v1/actions", json=ACTION | {"text": "Something else."})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["existing"] == PATH


async def test_a_number_is_taken_only_once_in_a_meeting(client):
    await post_all(client)
    answer = await client.post("/v1/actions", json=ACTION | {"id": "mine"})
    assert (answer.status_code, answer.json()["existing"]) == (409, PATH)
    other = await client.post("/v1/actions", json=ACTION | {"number": 2})
    path, tag = other.headers["location"], other.headers["etag"]
    answer = await client.patch(path, json={"number": 1}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["existing"]) == (409, PATH)


async def test_a_change_needs_the_version_that_it_was_based_on(client):
    await post_all(client)
    read = await client.get(PATH)
    first = {"If-Match": read.headers["etag"]}
    assert (await client.patch(PATH, json={"status": "done"})).status_code == 428
    changed = await client.patch(PATH, json={"status": "done", "owners": ["MOPAC", "MPS", "MOPAC"]}, headers=first)
    assert changed.status_code == 200, changed.text
    assert changed.json()["owners"] == ["MOPAC", "MPS"]
    assert changed.headers["etag"] != read.headers["etag"]
    stale = await client.patch(PATH, json={"status": "open"}, headers=first)
    assert stale.status_code == 412
    assert (await client.get(PATH)).json()["status"] == "done"


async def test_a_change_to_what_already_is_makes_no_new_version(client):
    await post_all(client)
    tag = (await client.get(PATH)).headers["etag"]
    answer = await client.patch(PATH, json={"status": "open", "owners": ["MPS", "MOPAC"]}, headers={"If-Match": tag})
    assert answer.headers["etag"] == tag


async def test_actions_are_found_by_owner_status_board_and_by_being_overdue_on_a_day(client):
    await post_all(client)
    later = ACTION | {"number": 2, "owners": ["MPS"], "due": {"kind": "date", "on": "2023-09-01"}}
    soon = ACTION | {"number": 3, "owners": ["MPS"], "due": {"kind": "asap"}}
    for body in (later, soon):
        assert (await client.post("/v1/actions", json=body)).status_code == 201

    async def numbers(**query):
        answer = await client.get("/v1/actions", params=query)
        assert answer.status_code == 200, answer.text
        return [(each["number"], each["days_overdue"]) for each in answer.json()]

    assert await numbers() == [(1, 4), (2, 0), (3, 0)]
    assert await numbers(owner="MOPAC") == [(1, 4)]
    assert await numbers(status="done") == []
    assert await numbers(board="performance", owner="MPS") == [(1, 4), (2, 0), (3, 0)]
    assert await numbers(overdue_on="2023-07-10") == []
    assert await numbers(overdue_on="2023-07-11") == [(1, 1)]
    assert await numbers(overdue_on="2023-09-11") == [(1, 63), (2, 10)]


async def test_a_long_list_comes_in_pages_that_name_the_next(client):
    await post_all(client)
    for number in range(2, 6):
        await client.post("/v1/actions", json=ACTION | {"number": number})
    seen, path = [], "/v1/actions?owner=MPS&limit=2"
    while path:
        answer = await client.get(path)
        seen += [each["number"] for each in answer.json()]
        path = answer.links.get("next", {}).get("url")
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/boards", {"name": "  "}, "name"),
        ("/v1/boards", {"name": "!!!"}, "id"),
        ("/v1/meetings", {"board": "nobody", "held_on": "2023-06-30"}, "board"),
        ("/v1/meetings", {"board": "performance", "held_on": "30 June"}, "held_on"),
        ("/v1/actions", ACTION | {"meeting": "nowhere"}, "meeting"),
        ("/v1/actions", ACTION | {"owners": []}, "owners"),
        ("/v1/actions", ACTION | {"owners": ["a@b.example"]}, "owners.0"),
        ("/v1/actions", ACTION | {"due": {"kind": "date"}}, "due"),
        ("/v1/actions", ACTION | {"text": "nul \x00"}, "text"),
        ("/v1/actions", ACTION | {"ownres": ["MPS"]}, "ownres"),
    ],
)
async def test_what_is_wrong_with_a_post_is_told_by_field(client, path, body, field):
    await client.post("/v1/boards", json=BOARD)
    await client.post("/v1/meetings", json=MEETING)
    answer = await client.post(path, json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_token_that_may_only_read_cannot_write(settings):
    async with serving(settings, scopes=["actions:read"]) as client:
        assert (await client.get("/v1/boards")).status_code == 200
        refused = await client.post("/v1/boards", json=BOARD)
        assert refused.status_code == 403
        assert "actions:write" in refused.json()["detail"]
        nobody = await client.get("/v1/boards", headers={"Authorization": "Bearer nonsense"})
        assert nobody.status_code == 401


async def test_a_body_beyond_the_limit_is_refused(client):
    answer = await client.post("/v1/boards", json={"name": "x" * 1_100_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b'{"name": NaN}',
        b'{"name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"name": "x", "id": "../etc"}',
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
)
async def test_a_hostile_body_is_refused_and_the_service_goes_on(client, body):
    for path in ("/v1/boards", "/v1/meetings", "/v1/actions"):
        answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/v1/boards")).json() == []


@pytest.mark.parametrize(
    "path",
    ["/v1/actions/%00", "/v1/boards/a%00", "/v1/actions?owner=%00", "/v1/actions?board=%00", "/v1/actions?offset=-1"],
)
async def test_a_hostile_path_or_query_is_refused(client, path):
    assert (await client.get(path)).status_code in {404, 422}


async def test_unknown_ids_are_not_found(client):
    for path in ("/v1/boards/none", "/v1/meetings/none", "/v1/actions/none"):
        assert (await client.get(path)).status_code == 404
    assert (await client.patch("/v1/actions/none", json={}, headers={"If-Match": "*"})).status_code == 404


async def test_the_service_is_ready_and_its_document_names_every_problem(client):
    ready = await client.get("/readyz")
    assert ready.status_code == 200, ready.text
    paths = (await client.get("/openapi.json")).json()["paths"]
    answers = paths["/v1/actions/{action_id}"]["patch"]["responses"]
    refusals = {"400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "428", "503"}
    assert set(answers) == {"200"} | refusals
    for status, answer in answers.items():
        kind = "application/json" if status == "200" else "application/problem+json"
        assert set(answer["content"]) == {kind}
