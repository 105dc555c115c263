import json
import logging
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
import pytest
from fastapi import Request
from prometheus_client import REGISTRY

from shared.bodies import read_body
from shared.errors import Conflict, FieldError, Invalid, Unavailable
from shared.logs import JsonLines
from shared.web import PROBLEM_JSON, keep_confidential, make_app

LIMIT = 1000


@pytest.fixture
def state():
    """What the checks of the app answer."""
    return SimpleNamespace(store=None)


@pytest.fixture
async def client(state):
    @asynccontextmanager
    async def lifespan(_app):
        yield

    async def store():
        return state.store

    async def broker():
        return None

    checks = {"store": store, "broker": broker}
    app = make_app("sample", summary="s", lifespan=lifespan, checks=checks, max_body_bytes=LIMIT)
    _add_routes(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sample") as client:
        yield client


def _add_routes(app):
    errors = {
        "conflict": lambda: Conflict("was changed meanwhile", extra={"current": 7}),
        "invalid": lambda: Invalid("no", errors=[FieldError("a[0].b", "required")]),
        "unavailable": lambda: Unavailable("later", retry_after=9),
        "fault": lambda: RuntimeError("the secret of the house"),
    }

    @app.get("/things/{thing}")
    async def fail(thing: str):
        error = errors[thing]()
        raise error

    @app.get("/secrets/{thing}")
    async def secret(thing: str, request: Request):
        keep_confidential(request)
        if error := errors.get(thing):
            raise error()
        return thing

    @app.get("/numbers/{number}")
    async def number(number: int, at_least: int = 0):
        return number

    @app.post("/bodies")
    async def body(request: Request):
        return len(await read_body(request))


def problem_of(answer):
    assert answer.headers["content-type"] == PROBLEM_JSON
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["instance"] == answer.request.url.path
    assert body["type"] == "about:blank"
    assert body["title"]
    return body


@pytest.mark.parametrize(
    ("thing", "status", "member"),
    [
        ("conflict", 409, {"detail": "was changed meanwhile", "current": 7}),
        ("invalid", 422, {"errors": [{"field": "a[0].b", "message": "required"}]}),
        ("unavailable", 503, {"detail": "later"}),
        ("fault", 500, {"detail": "a fault of the service; quote the request id"}),
    ],
)
async def test_an_error_is_answered_as_a_problem_document(client, thing, status, member):
    answer = await client.get(f"/things/{thing}", headers={"X-Request-Id": "r-1"})
    assert answer.status_code == status
    problem = problem_of(answer)
    assert problem.items() >= member.items()
    assert problem["request_id"] == "r-1"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/livez", 405), ("GET", "/numbers/x", 422)]
)
async def test_what_the_framework_refuses_is_a_problem_document_too(client, method, path, status):
    answer = await client.request(method, path, headers={"X-Request-Id": "r-2"})
    assert answer.status_code == status
    problem = problem_of(answer)
    assert problem["request_id"] == "r-2"
    assert problem["title"] != problem["detail"]


async def test_a_wrong_method_is_told_which_is_right(client):
    answer = await client.delete("/livez")
    assert problem_of(answer)["detail"] == "/livez does not take DELETE; it takes GET"
    assert answer.headers["Allow"] == "GET"


async def test_every_parameter_that_is_wrong_is_named(client):
    problem = problem_of(await client.get("/numbers/x?at_least=y"))
    assert {error["field"] for error in problem["errors"]} == {"number", "at_least"}


async def test_a_caller_who_may_come_back_is_told_when(client):
    assert (await client.get("/things/unavailable")).headers["Retry-After"] == "9"


async def test_a_fault_is_logged_with_the_id_that_the_caller_is_given(client, caplog):
    answer = await client.get("/things/fault")
    problem = problem_of(answer)
    assert answer.headers["X-Request-Id"] == problem["request_id"]
    assert f"request {problem['request_id']} failed: RuntimeError('the secret of the house')" in caplog.text


async def test_a_request_keeps_the_id_that_it_brings_and_gets_one_otherwise(client):
    given = await client.get("/livez", headers={"X-Request-Id": "upstream-7"})
    assert given.headers["X-Request-Id"] == "upstream-7"
    ids = {(await client.get("/livez")).headers["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize("bad", ["x" * 129, "é", ""])
async def test_an_id_that_would_spoil_the_logs_is_replaced(client, bad):
    answer = await client.get("/livez", headers={"X-Request-Id": bad.encode()})
    assert answer.headers["X-Request-Id"] not in ("", bad)


def _chunked(size):
    async def chunks():
        for start in range(0, size, 100):
            yield b"x" * min(100, size - start)

    return chunks()


@pytest.mark.parametrize("make", [lambda size: b"x" * size, _chunked], ids=["declared", "chunked"])
async def test_a_body_is_taken_up_to_the_limit_and_refused_above(client, make):
    assert (await client.post("/bodies", content=make(LIMIT))).json() == LIMIT
    refused = await client.post("/bodies", content=make(LIMIT + 1))
    assert refused.status_code == 413
    assert problem_of(refused)["detail"].startswith("the body exceeds 1,000 bytes")


async def test_a_service_is_ready_once_every_check_passes_and_says_which_does_not(client, state):
    assert (await client.get("/readyz")).json() == {"ready": True, "checks": {"store": "ok", "broker": "ok"}}
    state.store = "does not answer"
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "checks": {"store": "does not answer", "broker": "ok"}}
    assert (await client.get("/livez")).text == "ok\n"


def _observed(route, method, status):
    labels = {"service": "sample", "route": route, "method": method, "status": status}
    return REGISTRY.get_sample_value("oversight_http_request_duration_seconds_count", labels) or 0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/numbers/1", "/numbers/{number}", "200"),
        ("GET", "/numbers/2", "/numbers/{number}", "200"),
        ("GET", "/numbers/x", "/numbers/{number}", "422"),
        ("GET", "/things/fault", "/things/{thing}", "500"),
        ("GET", "/nowhere/at/all", "unmatched", "404"),
    ],
)
async def test_requests_are_timed_by_route_template_never_by_path(client, method, path, route, status):
    before = _observed(route, method, status)
    await client.request(method, path)
    assert _observed(route, method, status) == before + 1
    assert f'route="{path}"' not in (await client.get("/metrics")).text


@pytest.mark.parametrize(
    ("thing", "status", "counted"),
    [("told", "200", 0), ("conflict", "409", 0), ("unavailable", "503", 1), ("fault", "500", 1)],
)
async def test_what_is_confidential_is_counted_if_it_fails_by_a_fault_of_ours_alone(client, thing, status, counted):
    before = _observed("/secrets/{thing}", "GET", status)
    assert (await client.get(f"/secrets/{thing}")).status_code == int(status)
    assert _observed("/secrets/{thing}", "GET", status) == before + counted


def test_a_log_line_is_one_json_object_with_its_fields():
    record = logging.makeLogRecord({"msg": "line %s\n", "args": (1,), "levelname": "ERROR", "offset": 7, "name": "n"})
    line = JsonLines("ingest").format(record)
    assert "\n" not in line
    parsed = json.loads(line)
    assert parsed.items() >= {"message": "line 1\n", "level": "error", "service": "ingest", "offset": 7}.items()
