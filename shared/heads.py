"""Bounds on what uvicorn reads before, and after, there is a body that an app could refuse.

uvicorn's parser keeps a request's head until it is whole, and the trailers of a body in chunks, however long they are
and however long they take; and it keeps any number of connections.
"""

import asyncio
import json
import logging
from functools import cache
from http import HTTPStatus

from httptools import HttpParserError
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

log = logging.getLogger(__name__)
_LINGER_SECONDS = 2.0
_MOST_WAITING = 100
"""Requests of one connection, behind that which is answered. Each takes some kilobytes, and one read may bring ten
thousand of them; uvicorn reads on only when all are answered."""


class Bounds(BaseSettings):
    """OVERSIGHT_HTTP_*, the same for every service."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_HTTP_")

    max_head_bytes: int = Field(default=32 * 1024, gt=0, description="of a request's line and headers, or its trailers")
    head_seconds: float = Field(default=10, gt=0, description="how long a head may take to come, from its first byte")
    max_connections: int = Field(default=1000, gt=0, description="open at once; a process")


@cache
def bounds() -> Bounds:
    """Those of the environment: looked up once by each process that serves."""
    return Bounds()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's, that refuses a head which is too long (431) or too slow (408), and a connection too many (503).

    Of a head that begins in the same read as an earlier request's body, that read is not counted.
    """

    _bounds: Bounds
    _refused = False
    _late: asyncio.TimerHandle | None = None
    _unfinished = 0
    """How many bytes have come since a head, or the trailers, began."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self._bounds = bounds()
        if len(self.connections) > self._bounds.max_connections:
            self._refuse(503, "this process holds as many connections as it may; come back soon")
        else:
            self._late = self.loop.call_later(self._bounds.head_seconds, self._is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return  # read, so that the refusal is not lost with a reset connection
        before = self.cycle
        had, in_body = (0, False) if before is None else (len(before.body), before.more_body)
        super().data_received(data)
        if self._refused:
            return
        cycle = self.cycle
        if cycle is None or cycle.scope is not self.scope or cycle.response_complete:
            # Nothing of a request that is to be answered has come, or a part of its head.
            self._goes_on(len(data) if cycle is before and not in_body else 0)
        elif cycle is before and cycle.more_body and len(cycle.body) == had:
            self._goes_on(len(data), is_head=False)  # none of it was body: trailers, or what stands before a chunk
        elif cycle is not before and len(data) > self._bounds.max_head_bytes:
            self._measure()
        elif self._late is not None or self._unfinished:
            self._disarm()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if len(self.pipeline) > _MOST_WAITING:
            self._refused = True
            self.pipeline.clear()
            self._disarm()
            log.warning("closed %s: it asks too much before it is answered", self.client)
            self.transport.close()  # an answer now would be taken for that to the request before
            raise HttpParserError("nothing more is parsed")

    def send_400_response(self, msg: str) -> None:
        if not self._refused:
            super().send_400_response(msg)

    def on_chunk_header(self) -> None:
        """Keep trailers from among the headers, where uvicorn would put them; a proxy may have looked only at these."""
        self.headers = []

    def _measure(self) -> None:
        """The head has come whole, with a read that is longer than a head may be."""
        self._disarm()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.scope["headers"])
        if size > self._bounds.max_head_bytes:
            self._refuse_long("the request line and headers are")

    def _goes_on(self, came: int, *, is_head: bool = True) -> None:
        self._unfinished += came
        if self._unfinished > self._bounds.max_head_bytes:
            self._refuse_long("the request line and headers are" if is_head else "the trailers are")
        elif is_head and self._late is None:
            self._late = self.loop.call_later(self._bounds.head_seconds, self._is_late)

    def _refuse_long(self, what: str) -> None:
        self._refuse(431, f"{what} longer than {self._bounds.max_head_bytes:,} bytes")

    def _disarm(self) -> None:
        self._unfinished = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _is_late(self) -> None:
        self._late = None
        if self.scope is None or (self.cycle is not None and self.cycle.scope is self.scope):
            self.transport.close()  # nobody has asked for anything
        else:
            self._refuse(408, f"the headers did not come whole within {self._bounds.head_seconds:g} seconds")

    def _refuse(self, status: int, why: str) -> None:
        """Answer, and close once the sender has had time to read it."""
        self._refused = True
        self._disarm()
        self.connections.discard(self)  # uvicorn need not wait for it, and it takes nobody's place
        if self._is_answering():
            self.transport.close()  # an answer now would be taken for that to the request before
            return
        log.warning("refused %s: %s", self.client, why)
        self.transport.write(_problem(status, why))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def _is_answering(self) -> bool:
        """Whether an earlier request has still to be answered. One whose own body is refused is given up."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        if cycle.scope is not self.scope or cycle.response_started or self.pipeline:
            return True
        cycle.disconnected = True
        cycle.message_event.set()
        return False


def _problem(status: int, why: str) -> bytes:
    phrase = HTTPStatus(status).phrase
    body = json.dumps({"type": "about:blank", "title": phrase, "status": status, "detail": why}).encode()
    head = f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
    retry = "retry-after: 1\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
    return STATUS_LINE[status] + f"{head}{retry}\r\n".encode() + body
