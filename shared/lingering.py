"""Answers that are given before the whole body has come, so that whoever still sends can read them.

A connection closed with bytes unread is reset, and the answer may be lost on its way. So what comes is read on and let
go of: at once, as far as it goes, and else once the answer is sent, for some seconds. After that the connection is
closed, or a body without end would hold it for ever.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_AT_ONCE_SECONDS = 1.0
_LINGER_SECONDS = 4.0
_CLOSE = (b"connection", b"close")


class Lingering:
    """ASGI middleware: the outermost, since it must see every answer."""

    def __init__(self, app: ASGIApp, linger_seconds: float = _LINGER_SECONDS) -> None:
        self._app, self._linger_seconds = app, linger_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _announces_body(scope):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._linger_seconds)
        await self._app(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request with a body, and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, linger_seconds: float) -> None:
        self._receive, self._send, self._linger_seconds = receive, send, linger_seconds
        self._is_read = False
        # Asked to read on, the server would invite what the client has not begun to send.
        self._waits_for_invitation = any(name == b"expect" for name, _ in scope["headers"])

    async def receive(self) -> Message:
        message = await self._receive()
        self._waits_for_invitation = False
        self._is_read = self._is_read or not message.get("more_body", False)  # a disconnect has no more, either
        return message

    async def send(self, message: Message) -> None:
        if self._is_read:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await self._read_on(_AT_ONCE_SECONDS)
            await self._send(message if self._is_read else {**message, "headers": [*message["headers"], _CLOSE]})
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._read_on(self._linger_seconds)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _read_on(self, seconds: float) -> None:
        task = asyncio.current_task()
        if self._waits_for_invitation or (task and task.cancelling()):  # the server ends, and does not wait
            return
        try:
            async with asyncio.timeout(seconds):
                while not self._is_read:
                    await self.receive()
        except TimeoutError:
            return


def _announces_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
