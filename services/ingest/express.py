"""The express way of a post that has come whole: answered before everything else that a request goes through.

Nearly all posts have come whole by the time that they are looked at, bear a token that is known, and ask for nothing
special. Here each of these things is looked at once. Whatever is not so goes the whole way, as if nobody had looked.
A body that was judged is answered here whatever was found: judged again on the whole way, a wrong one would cost twice.
"""

from collections.abc import Callable, Coroutine, Generator, Mapping
from time import perf_counter
from typing import Any, NamedTuple, cast

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.ingest.answers import Taken, encode, taken
from services.ingest.intake import Intake
from shared.errors import OversightError
from shared.room import Room
from shared.security import Principal, Verifier
from shared.serving import WHOLE_ANSWER
from shared.web import REQUESTS, identify, problem

# What these ask for is done by those who stand on the whole way.
_SPECIAL = frozenset((b"idempotency-key", b"content-encoding", b"expect"))
_SMALL_BYTES = 16 * 1024
"""Bodies up to this size take no room of those that are held at once: the bound on connections bounds them."""
_NONE: Mapping[str, Any] = {}
_ONE = encode(Taken(1, []))
_MEDIA = {b"": False, b"application/json": False, b"application/x-ndjson": True}
"""Whether the body is NDJSON, of the content types as they are mostly written."""


_KNOWN_SECONDS = 0.025
"""How long a token is not looked at again. What it was looked at in may be as old, for the tokens file is read no more
often: a token that is revoked works for a twentieth of a second at most."""


class Lane(NamedTuple):
    """What is posted at a path, and the scope that a token needs for it."""

    topic: str
    scope: str


class Express:
    """ASGI middleware: the outermost. `is_metered` says of a source whether quotas apply to it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        lanes: Mapping[str, Lane],
        intake: Intake,
        tokens: Verifier,
        is_metered: Callable[[str], object],
        room: Room,
        max_body_bytes: int,
        max_events: int,
    ) -> None:
        self._app, self._lanes, self._intake = app, lanes, intake
        self._tokens, self._is_metered = tokens, is_metered
        self._room, self._max_body_bytes, self._max_events = room, max_body_bytes, max_events
        self._callers: dict[bytes, Principal] = {}
        self._known_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = self._lanes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if lane is None:
            await self._app(scope, receive, send)
            return
        began, headers = perf_counter(), dict(scope["headers"])
        of_lines = _MEDIA.get(headers.get(b"content-type", b""))
        if of_lines is None or len(headers) < len(scope["headers"]) or not _SPECIAL.isdisjoint(headers):
            await self._app(scope, receive, send)
            return
        caller = self._caller(headers.get(b"authorization", b""), began)
        if caller is None or lane.scope not in caller.scopes:
            await self._app(scope, receive, send)
            return
        first = at_once(receive)
        if isinstance(first, Begun) or not self._has_come(first):
            await self._app(scope, _from(first, receive), send)
            return
        status, request_id = 500, identify(scope, headers.get(b"x-request-id", b""))
        try:
            body: bytes = first.get("body", b"")
            if len(body) > _SMALL_BYTES:
                self._room.take(scope, caller.source, len(body))
            verdict = self._intake.judge(lane.topic, body, of_lines=of_lines, most=self._max_events)
            await self._intake.keep(lane.topic, verdict, caller)
            is_one = len(verdict.accepted) == 1 and not verdict.rejected
            answer = _ONE if is_one else encode(taken(verdict))
            status = 202
            await _send(scope, send, answer, request_id)
        except OversightError as refused:
            status = refused.status
            refusal = problem(refused, Request(scope))
            refusal.headers["x-request-id"] = scope["request_id"]
            await refusal(scope, receive, send)
        finally:
            self._room.leave(scope)
            REQUESTS.of("ingest", scope["path"], "POST", str(status)).observe(perf_counter() - began)

    def _caller(self, authorization: bytes, now: float) -> Principal | None:
        """Who bears a token that is known; None where it has to be verified, or a quota to be looked at."""
        if now > self._known_until:
            self._callers, self._known_until = {}, now + _KNOWN_SECONDS
        known = self._callers.get(authorization)
        if known is not None:
            return known
        try:
            caller = self._tokens.remembered(authorization.decode("latin-1"))
        except OversightError:
            return None
        if caller is None or self._is_metered(caller.source):
            return None
        self._callers[authorization] = caller
        return caller

    def _has_come(self, first: Message) -> bool:
        """Whether it is a body, whole, and none that is refused for its length."""
        is_whole = first["type"] == "http.request" and not first.get("more_body", False)
        return is_whole and len(first.get("body", b"")) <= self._max_body_bytes


async def _send(scope: Scope, send: Send, body: bytes, request_id: bytes) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"application/json"),
        (b"x-request-id", request_id),
    ]
    write = scope.get("extensions", _NONE).get(WHOLE_ANSWER, _NONE).get("write")
    if write is None or not write(202, headers, body):
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Begun:
    """A receiving that has begun and has to wait. Whoever awaits it goes on with it."""

    def __init__(self, receiving: Coroutine[Any, Any, Message], waits_for: object) -> None:
        self._receiving, self._waits_for = receiving, waits_for

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            yield self._waits_for
        except BaseException as error:
            self._receiving.throw(error)  # it may have something to put right
            raise
        return (yield from self._receiving.__await__())


def at_once(receive: Receive) -> Message | Begun:
    """What can be received without waiting."""
    receiving = cast("Coroutine[Any, Any, Message]", receive())
    try:
        return Begun(receiving, receiving.send(None))
    except StopIteration as received:
        message: Message = received.value
        return message


def _from(first: Message | Begun, receive: Receive) -> Receive:
    """What receives from this first message on."""
    waiting = [first]

    async def receive_on() -> Message:
        if not waiting:
            return await receive()
        message = waiting.pop()
        return await message if isinstance(message, Begun) else message

    return receive_on
