"""The app factory of every service: problems as problem+json, health, metrics, request ids, sized bodies, auth."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from random import getrandbits
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from msgspec.json import schema_components
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import FieldError, Invalid, Malformed, OversightError, Unavailable
from shared.lingering import Lingering
from shared.room import Room
from shared.security import Principal, Verifier
from shared.timings import Timings

log = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"
MAX_BODIES_BYTES = 64 * 1024 * 1024
REQUESTS = Timings(
    "oversight_http_request_duration_seconds",
    "Time from a request's first byte to its answer's last.",
    ("service", "route", "method", "status"),
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

FIELD_ERRORS = {"type": "array", "items": schema_components([FieldError])[1]["FieldError"]}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": FIELD_ERRORS,
    },
}

Check = Callable[[], Awaitable[str | None]]
"""A readiness check: None when all is well, else what is wrong."""


def make_app(
    service: str,
    *,
    summary: str,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    checks: Mapping[str, Check],
    max_body_bytes: int = 1024 * 1024,
    body_seconds: float = 30,
    room: Room | None = None,
    inside: Sequence[Middleware] = (),
) -> FastAPI:
    """A FastAPI app with everything that the services have in common; routes are included by the caller.

    `inside` stands between what the services have in common and the routes. `room`: for the bodies that are held at
    once; room for 64 MiB unless given.
    """
    app = FastAPI(
        title=f"Oversight {service}",
        summary=summary,
        version="1",
        lifespan=lifespan,
        redoc_url=None,
        middleware=inside,
        # Looked for with every request, and not used: Prometheus is what we are measured by.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_exception_handler(OversightError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, left)
    app.add_exception_handler(Exception, _fault)
    app.add_middleware(
        Envelope,
        service=service,
        max_body_bytes=max_body_bytes,
        body_seconds=body_seconds,
        room=room or Room(MAX_BODIES_BYTES),
    )
    app.add_middleware(Lingering)
    _add_health(app, checks)
    return app


def _add_health(app: FastAPI, checks: Mapping[str, Check]) -> None:
    @app.get("/livez", tags=["operations"], response_class=PlainTextResponse)
    async def livez() -> str:
        """The process answers."""
        return "ok\n"

    @app.get("/readyz", tags=["operations"], responses={503: {"description": "Something needed does not answer."}})
    async def readyz() -> JSONResponse:
        """Everything that this service needs answers; 503 names what does not."""
        results = {name: await check() for name, check in checks.items()}
        failing = {name: fault for name, fault in results.items() if fault}
        body = {"ready": not failing, "checks": {name: fault or "ok" for name, fault in results.items()}}
        return JSONResponse(body, status_code=503 if failing else 200)

    @app.get("/metrics", tags=["operations"], include_in_schema=False)
    def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` for these statuses, each a problem document."""
    content = {PROBLEM_JSON: {"schema": _PROBLEM_SCHEMA}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def keep_confidential(request: Request) -> None:
    """Leave the request out of `/metrics`, which anybody may read, unless it fails by a fault of ours."""
    request.scope["confidential"] = True


Authenticate = Callable[[Request], Awaitable[Principal]]


def authenticated(tokens: Verifier) -> Authenticate:
    """A dependency that answers the request's Principal or raises Unauthenticated."""

    async def principal(request: Request) -> Principal:
        header = request.headers.get("authorization")
        if known := tokens.remembered(header):
            return known
        # A token's first request hashes it, which would hold up everybody else's.
        return await asyncio.to_thread(tokens.authenticate, header)

    return principal


def problem(error: OversightError, request: Request) -> JSONResponse:
    """The problem document of `error` for `request`."""
    body = error.problem() | {"instance": request.url.path, "request_id": request.scope.get("request_id")}
    return JSONResponse(body, error.status, error.headers, media_type=PROBLEM_JSON)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, OversightError)
    return problem(error, request)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if broken := [each for each in error.errors() if each["type"] == "json_invalid"]:
        return problem(Malformed(f"the body is not JSON: {broken[0]['ctx']['error']}"), request)
    return problem(Invalid("the request is not valid", errors=_field_errors(error.errors())), request)


def _field_errors(errors: Sequence[Any]) -> list[FieldError]:
    return [FieldError(".".join(map(str, each["loc"][1:])) or "body", each["msg"]) for each in errors]


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = {"type": "about:blank", "title": HTTPStatus(error.status_code).phrase, "status": error.status_code}
    body |= {"detail": _detail(error, request), "instance": request.url.path}
    body |= {"request_id": request.scope.get("request_id")}
    return JSONResponse(body, error.status_code, error.headers, media_type=PROBLEM_JSON)


def _detail(error: HTTPException, request: Request) -> str:
    match error.status_code:
        case 404:
            return f"there is nothing at {request.url.path}; /docs lists what there is"
        case 405:
            allowed = (error.headers or {}).get("Allow", "nothing")
            return f"{request.url.path} does not take {request.method}; it takes {allowed}"
    return str(error.detail)


async def left(request: Request, _error: Exception) -> Response:
    """What a request is counted as whose sender has gone: nobody is there to read it."""
    return problem(Malformed("the connection was closed before the whole body had come"), request)


async def _fault(request: Request, error: Exception) -> Response:
    # The server logs the trace after this answer; the caller gets the id to quote, which this line ties to it.
    request_id = request.scope.get("request_id") or identify(request.scope).decode()
    log.error("request %s failed: %r", request_id, error)
    answer = problem(OversightError("a fault of the service; quote the request id"), request)
    answer.headers["x-request-id"] = request_id
    return answer


class Envelope:
    """Around every request: an id, bounds on the body's size and time and on all bodies, its time by route.

    What is confidential is not counted, see `keep_confidential`.
    """

    def __init__(self, app: ASGIApp, service: str, max_body_bytes: int, body_seconds: float, room: Room) -> None:
        self._app, self._service, self._room = app, service, room
        self._max_body_bytes, self._body_seconds = max_body_bytes, body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, has_begun = time.perf_counter(), 500, False
        identify(scope, next((value for name, value in scope["headers"] if name == b"x-request-id"), b""))
        scope["max_body_bytes"], scope["body_seconds"] = self._max_body_bytes, self._body_seconds
        scope["room"] = self._room

        async def observed(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", scope["request_id"].encode())]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        except asyncio.CancelledError:  # the server has waited long enough for what is in hand, and ends
            if not has_begun:
                stopping = Unavailable("the service stops, and this was not finished; send it again", retry_after=1)
                await problem(stopping, Request(scope))(scope, receive, observed)
            raise
        finally:
            self._room.leave(scope)
            if not scope.get("confidential") or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                route = getattr(scope.get("route"), "path", "unmatched")
                REQUESTS.of(self._service, route, scope["method"], str(status)).observe(time.perf_counter() - began)


def identify(scope: Scope, given: bytes = b"") -> bytes:
    """Give the request the id that it brings, or one of its own."""
    # Nobody is kept out by these ids: they need not be hard to guess, and asking the system for each takes its time.
    usable = given if len(given) <= 128 and given.isascii() and given.decode().isprintable() else b""
    request_id = usable or b"%032x" % getrandbits(128)
    scope["request_id"] = request_id.decode()
    return request_id
