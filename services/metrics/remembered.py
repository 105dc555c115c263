"""Answers that have been given are given again while the counts that they rest on have not changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.metrics.telemetry import REMEMBERED
from shared.errors import Unavailable

OK, NOT_MODIFIED = HTTPStatus.OK, HTTPStatus.NOT_MODIFIED
_MOST_ANSWERS, _MOST_BYTES = 512, 256 * 1024
Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """An answer, the route that gave it, and the version of the counts that it was made from."""

    version: Hashable
    status: int
    headers: Headers
    body: bytes
    route: Any


class Remembered:
    """Around an app that answers GET under `/v1/` from counts alone, but for what lies `beside` them.

    `version` says what the counts are at now; a request that has been answered at that version is answered the same.
    Every answer carries an ETag, and is not sent again to whoever has it.
    """

    def __init__(self, app: ASGIApp, version: Callable[[], Awaitable[Hashable]], beside: tuple[str, ...] = ()) -> None:
        self._app, self._version, self._beside = app, version, beside
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_of_counts(scope):
            await self._app(scope, receive, send)
            return
        try:
            # Asked before the answer is made: counts that change meanwhile make it an old answer, never a wrong one.
            version = await self._version()
        except Unavailable:
            await self._app(scope, receive, send)  # which says so, if it needs the counts
            return
        asked = scope["path"], scope["query_string"], _header(scope, b"accept")
        known = self._answers.get(asked)
        if known is None or known.version != version:
            known = await self._made_once(scope, receive, asked, version)
            self._keep(asked, known)
        else:
            REMEMBERED.inc()
            self._answers.move_to_end(asked)
        scope["route"] = known.route
        await _send(known, _header(scope, b"if-none-match"), send)

    def _is_of_counts(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        path: str = scope["path"]
        return path.startswith("/v1/") and not path.startswith(self._beside)

    async def _made_once(self, scope: Scope, receive: Receive, asked: Hashable, version: Hashable) -> Answer:
        """One of those who ask the same at the same time has it made, and all are given it."""
        key = asked, version
        if key in self._making:
            shared = await asyncio.shield(self._making[key])
            # What is refused names the request that it was refused to.
            return shared if shared.status == OK else await self._made(scope, receive, version)
        making = self._making[key] = asyncio.create_task(self._made(scope, receive, version))
        making.add_done_callback(lambda _: self._making.pop(key))
        return await asyncio.shield(making)  # whoever gives up takes it from nobody else

    async def _made(self, scope: Scope, receive: Receive, version: Hashable) -> Answer:
        """What the app answers, whole: nothing here is streamed."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        start, body = held[0], b"".join(message.get("body", b"") for message in held[1:])
        headers = [(name.lower(), value) for name, value in start["headers"]]
        if start["status"] == OK:
            headers += [(b"etag", b'"%b"' % blake2b(body, digest_size=8).hexdigest().encode())]
            headers += [(b"cache-control", b"no-cache"), (b"vary", b"accept")]
        return Answer(version, start["status"], headers, body, scope.get("route"))

    def _keep(self, asked: Hashable, answer: Answer) -> None:
        if answer.status != OK or len(answer.body) > _MOST_BYTES:
            return
        self._answers[asked] = answer
        self._answers.move_to_end(asked)
        if len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)


async def _send(answer: Answer, held: bytes | None, send: Send) -> None:
    unchanged = held is not None and dict(answer.headers).get(b"etag") == held
    headers = [each for each in answer.headers if each[0] != b"content-length"] if unchanged else answer.headers
    # A list of its own: the request's id is added to it on the way out.
    status = NOT_MODIFIED if unchanged else answer.status
    await send({"type": "http.response.start", "status": status, "headers": [*headers]})
    await send({"type": "http.response.body", "body": b"" if unchanged else answer.body})


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)
