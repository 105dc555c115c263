"""The posting routes' short way: before FastAPI's own, which takes longer to call a route than it takes to answer.

The routes stand in the app as well, for its OpenAPI document and for everything but a POST; both ways lead through the
same functions (`api.py`), and give the same answers.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.ingest.answers import Taken, encode
from shared.errors import OversightError
from shared.web import left, problem

Post = Callable[[Request], Awaitable[Taken]]


class Template(msgspec.Struct, frozen=True):
    """A route, as far as requests are counted by it."""

    path: str


class Door:
    """ASGI middleware: answers a POST at a path of `posts`; all else goes on."""

    def __init__(self, app: ASGIApp, posts: Mapping[str, Post]) -> None:
        self._app = app
        self._posts = {path: (Template(path), post) for path, post in posts.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._posts.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if known is None:
            await self._app(scope, receive, send)
            return
        scope["route"], post = known
        request = Request(scope, receive)
        try:
            body = encode(await post(request))
        except OversightError as refused:
            await problem(refused, request)(scope, receive, send)
        except ClientDisconnect as gone:
            await (await left(request, gone))(scope, receive, send)
        else:
            headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 202, "headers": headers})
            await send({"type": "http.response.body", "body": body})
