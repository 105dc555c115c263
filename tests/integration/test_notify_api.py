"""Notify over HTTP: contacts, silences, and what is refused."""

from contextlib import asynccontextmanager

import httpx
import pytest

from services.notify.app import create_app
from services.notify.settings import Settings
from shared.security import issue_token


@pytest.fixture
def settings(parts, tmp_path):
    return Settings(
        kafka=parts.bootstrap,
        database_url=parts.database_url("notify"),
        tokens_file=tmp_path / "tokens.json",
        volatile_broker=parts.volatile_broker,
        group=f"test.{tmp_path.name}",
    )


@asynccontextmanager
async def serving(settings, scopes=("notify:read", "notify:write")):
    app = create_app(settings)
    headers = {"Authorization": f"Bearer {issue_token(settings.tokens_file, 'secretary', scopes)}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://notify", headers=headers) as client,
    ):
        yield client


@pytest.fixture
async def client(settings):
    async with serving(settings) as client:
        yield client


async def test_a_contact_is_replaced_whole_and_shown_without_its_secrets(client):
    channels = ["json://user:sesame@hooks.example/oversight", {"kind": "email", "address": "mps@met.example"}]
    put = await client.put("/v1/contacts/MPS", json={"name": "The Met", "channels": channels})
    assert put.status_code == 200, put.text
    put = await client.put("/v1/contacts/MPS", json={"channels": channels, "also_on": ["created"]})
    shown = (await client.get("/v1/contacts/MPS")).json()
    assert (shown["name"], shown["also_on"], shown["channels"][1]) == ("", ["created"], channels[1])
    assert shown["channels"][0] == "json://****"
    assert "sesame" not in put.text + str(shown)
    assert [each["owner"] for each in (await client.get("/v1/contacts")).json()] == ["MPS"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/contacts/MPS", {"channels": ["json://good", "nonsense"]}, "channels.1"),
        ("/v1/contacts/MPS", {"channels": ["json://"]}, "channels.0"),
        ("/v1/contacts/MPS", {"channels": [{"kind": "email", "address": "nobody"}]}, "channels.0.email.address"),
        ("/v1/contacts/MPS", {"channels": [{"kind": "pigeon"}]}, "channels.0.email.kind"),
        ("/v1/contacts/MPS", {"chanels": []}, "chanels"),
        ("/v1/contacts/MPS", {"also_on": ["deleted"]}, "also_on.0"),
        ("/v1/contacts/a@b.example", {}, "owner"),
    ],
)
async def test_what_is_wrong_with_a_contact_is_told_by_field(client, path, body, field):
    answer = await client.put(path, json=body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert (await client.get("/v1/contacts")).json() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"until": "2100-01-01T00:00:00Z"}, "body"),
        ({"owner": "MPS", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"owner": "MPS", "from": "2101-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}, "until"),
        ({"owner": "MPS", "until": "2100-01-01T00:00:00"}, "until"),
        ({"owner": "MPS", "until": "tomorrow"}, "until"),
    ],
)
async def test_what_is_wrong_with_a_silence_is_told_by_field(client, body, field):
    answer = await client.post("/v1/silences", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_silence_says_from_when_until_when_and_by_whom_and_can_be_ended(client):
    body = {"owner": "MPS", "from": "2090-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    created = await client.post("/v1/silences", json=body)
    assert created.status_code == 201, created.text
    shown = created.json()
    assert {name: shown[name] for name in body} == body
    assert shown["created_by"] == "secretary"
    assert (await client.get("/v1/silences")).json() == [shown]
    assert (await client.delete(f"/v1/silences/{shown['id']}")).status_code == 204
    (ended,) = (await client.get("/v1/silences")).json()
    assert ended["until"] < "2090"
    assert (await client.delete("/v1/silences/none")).status_code == 404


async def test_unknown_contacts_and_notifications_are_not_found(client):
    assert (await client.get("/v1/contacts/nobody")).status_code == 404
    assert (await client.get("/v1/notifications/none")).status_code == 404
    assert (await client.post("/v1/notifications/none/ack")).status_code == 404


async def test_pages_need_no_token_and_everything_else_does(settings):
    async with serving(settings, scopes=["notify:read"]) as client:
        nobody = {"Authorization": ""}
        assert (await client.get("/", headers=nobody)).status_code == 200
        # Apache Kafka is one for all tests: the inboxes of MPS and of MOPAC fill with what other tests raised.
        assert "Nothing yet" in (await client.get("/inbox/nobody", headers=nobody)).text
        assert (await client.get("/inbox/a@b.example", headers=nobody)).status_code == 404
        assert (await client.get("/v1/notifications", headers=nobody)).status_code == 401
        assert (await client.get("/v1/notifications", params={"owner": "nobody"})).json() == []
        refused = await client.post("/v1/silences", json={"owner": "MPS", "until": "2100-01-01T00:00:00Z"})
        assert refused.status_code == 403
        assert "notify:write" in refused.json()["detail"]


async def test_the_document_names_every_problem_of_every_route(client):
    document = (await client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        if not path.startswith("/v1/"):
            continue
        for method, operation in methods.items():
            answers = operation["responses"]
            assert {"401", "403", "422", "503"} <= set(answers), (method, path)
            assert operation["security"], (method, path)
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert set(answer["content"]) == {"application/problem+json"}, (method, path, status)
