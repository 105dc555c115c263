"""The short way and FastAPI's own answer alike."""

import httpx
import pytest
from starlette.middleware import Middleware

from services.ingest.acceptance import Rejected
from services.ingest.answers import Taken
from services.ingest.api import EVENTS, PATHS, router
from services.ingest.door import Door
from shared.bodies import read_body
from shared.errors import FieldError, Invalid, Unavailable
from shared.web import make_app

TAKEN = Taken(1, [Rejected(0, (FieldError("area", "unknown", "Camdem", ("Camden",)),))])
OUTCOMES = {
    b"taken": TAKEN,
    b"wrong": Invalid("no", errors=[FieldError("a", "b")], extra={"accepted": 0}),
    b"busy": Unavailable("later", retry_after=3),
}


async def post(request):
    outcome = OUTCOMES[await read_body(request)]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def client(*inside):
    posts = dict.fromkeys([*(f"/v1/{path}" for path in PATHS), EVENTS], post)
    options = {"lifespan": None, "checks": {}, "max_body_bytes": 100, "body_seconds": 5}
    app = make_app("ingest", summary="", inside=[Middleware(each, posts=posts) for each in inside], **options)
    app.include_router(router(posts))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest")


@pytest.mark.parametrize("path", [*(f"/v1/{path}" for path in PATHS), EVENTS, "/v1/other"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
@pytest.mark.parametrize("body", [*OUTCOMES, b"x" * 101])
async def test_both_ways_answer_the_same(path, method, body):
    async with client(Door) as short, client() as long:
        one, other = [
            await each.request(method, path, content=body, headers={"x-request-id": "1"}) for each in (short, long)
        ]
    assert (one.status_code, one.content, one.headers) == (other.status_code, other.content, other.headers)


async def test_what_is_taken_is_answered_with_what_was_not():
    async with client(Door) as short:
        answer = await short.post("/v1/crimes", content=b"taken")
    error = {"field": "area", "message": "unknown", "value": "Camdem", "nearest": ["Camden"]}
    assert answer.json() == {"accepted": 1, "rejected": [{"index": 0, "errors": [error]}]}
    assert answer.headers["content-type"] == "application/json"
