"""Around ingest's posting routes: a repeat that carries the same `Idempotency-Key` is given the first one's answer.

What was answered is kept in this process, and gone when it stops: a repeat that another worker gets is posted again,
which changes nothing and is answered alike (docs/decisions/0012-idempotency-keys.md).
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Hashable
from time import monotonic

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.ingest.idempotency import HEADER, Answer, Answers, key_of
from services.ingest.telemetry import REPLAYED
from shared.bodies import read_body
from shared.errors import OversightError, Unauthenticated
from shared.security import Principal
from shared.web import problem

REPLAYED_HEADER = "Idempotency-Replayed"
_NAME = HEADER.lower().encode()


class Replays:
    """ASGI middleware at `paths`. Only an answer that accepted something is kept: the rest is simply tried again."""

    def __init__(
        self,
        app: ASGIApp,
        answers: Answers,
        principal: Callable[[Request], Awaitable[Principal]],
        paths: Collection[str],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._app, self._answers, self._principal, self._now = app, answers, principal, now
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._paths or not _has_key(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            await self._once(request, send)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Unauthenticated:
            await self._app(scope, receive, send)  # whose route refuses it
        except OversightError as refused:
            await problem(refused, request)(scope, receive, send)

    async def _once(self, request: Request, send: Send) -> None:
        caller = await self._principal(request)
        # Tokens of one source that may do different things are not given each other's answers.
        key: Hashable = (caller, key_of(request.headers.getlist(HEADER)))
        body = await read_body(request, caller.source)
        before = self._answers.begin(caller.source, key, _fingerprint(request, body), self._now())
        if before is None:
            await self._first(request, body, send, caller.source, key)
            return
        REPLAYED.inc()
        headers = {"content-type": before.content_type.decode("latin-1"), REPLAYED_HEADER: "true"}
        await Response(before.body, before.status, headers)(request.scope, request.receive, send)

    async def _first(self, request: Request, body: bytes, send: Send, owner: str, key: Hashable) -> None:
        copy = _Copy(send)
        try:
            await self._app(request.scope, _replaying(body, request.receive), copy.send)
        finally:  # cancelled too: what is under way must end
            self._answers.end(owner, key, copy.answer(), self._now())


class _Copy:
    """Passes an answer on, and keeps it."""

    def __init__(self, send: Send) -> None:
        self._send, self._status, self._content_type = send, 0, b""
        self._body, self._is_whole = bytearray(), False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._content_type = dict(message["headers"]).get(b"content-type", b"")
        else:
            self._body += message.get("body", b"")
            self._is_whole = not message.get("more_body", False)
        await self._send(message)

    def answer(self) -> Answer | None:
        if self._status != 202 or not self._is_whole:
            return None
        return Answer(self._status, self._content_type, bytes(self._body))


def _has_key(scope: Scope) -> bool:
    return scope["method"] == "POST" and any(name == _NAME for name, _ in scope["headers"])


def _replaying(body: bytes, receive: Receive) -> Receive:
    """What the route receives: the body that was read already, and then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _fingerprint(request: Request, body: bytes) -> bytes:
    """SHA-256 of all that an answer depends on: path, content type, CloudEvents attributes, body."""
    attributes = sorted((name, value) for name, value in request.scope["headers"] if name.startswith(b"ce-"))
    parts = [request.url.path.encode(), request.headers.get("content-type", "").encode("latin-1")]
    digest = hashlib.sha256()
    for part in (*parts, *(part for attribute in attributes for part in attribute), body):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
