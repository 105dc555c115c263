"""Around ingest's posting routes: each source is held to its quotas, so that one that runs wild harms no other.

What a source has left is kept in this process: of several workers each holds a source to the quotas by itself.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.ingest.quotas import Level, Quota, level, limit, wait_seconds
from services.ingest.telemetry import LIMITED
from shared.errors import OversightError, TooMany
from shared.security import Principal
from shared.web import problem

ANY_SOURCE = "*"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
Quotas = Mapping[str, Sequence[Quota]]
"""The quotas of each source; those of `*` hold for every source that is not named."""


class Meter:
    """What each source has left of each of its quotas."""

    def __init__(self, quotas: Quotas, now: Callable[[], float] = monotonic) -> None:
        self._quotas, self._now = quotas, now
        self._levels: dict[tuple[str, str], Level] = {}

    def of(self, source: str) -> Sequence[Quota]:
        return self._quotas.get(source, self._quotas.get(ANY_SOURCE, ()))

    def admit(self, source: str) -> None:
        """Count one request; raises TooMany, counting nothing, where a quota is used up."""
        waits = {quota.name: wait_seconds(quota, self._level(source, quota)) for quota in self.of(source)}
        exceeded = [name for name, seconds in waits.items() if seconds]
        if exceeded:
            for name in exceeded:
                LIMITED.labels(source, name).inc()
            raise TooMany(
                f"the source {source!r} has used up its quota of {' and '.join(exceeded)}; nothing was accepted",
                retry_after=max(waits.values()),
                extra={"type": QUOTA_EXCEEDED, "violated-policies": exceeded},
            )
        self._take(source, "requests", 1)

    def received(self, source: str, size: int) -> None:
        """Count bytes of a body, which may well be more than is left: then the next request waits for them."""
        self._take(source, "content-bytes", size)

    def headers(self, source: str) -> dict[str, str]:
        """The headers that tell a source what it may do."""
        quotas = self.of(source)
        if not quotas:
            return {}
        left = (limit(quota, self._level(source, quota)) for quota in quotas)
        return {"RateLimit-Policy": ", ".join(quota.policy() for quota in quotas), "RateLimit": ", ".join(left)}

    def _take(self, source: str, unit: str, units: int) -> None:
        for quota in self.of(source):
            if quota.unit == unit:
                at = self._level(source, quota)
                self._levels[source, quota.name] = at._replace(left=at.left - units)

    def _level(self, source: str, quota: Quota) -> Level:
        return level(quota, self._levels.get((source, quota.name)), self._now())


class Limited:
    """ASGI middleware: answers 429 in the place of the routes at `paths` while a source's quota is used up."""

    def __init__(
        self,
        app: ASGIApp,
        meter: Meter,
        principal: Callable[[Request], Awaitable[Principal]],
        paths: Collection[str],
    ) -> None:
        self._app, self._meter, self._principal, self._paths = app, meter, principal, frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        source = await self._source(scope)
        if source is None:
            await self._app(scope, receive, send)
            return
        told = _Telling(self._meter, source, receive, send)
        try:
            self._meter.admit(source)
        except TooMany as refused:
            await problem(refused, Request(scope))(scope, receive, told.send)
            return
        await self._app(scope, told.receive, told.send)

    async def _source(self, scope: Scope) -> str | None:
        """Whose request this is; None where no quota applies, or where the route itself will refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._paths:
            return None
        try:
            source = (await self._principal(Request(scope))).source
        except OversightError:
            return None
        return source if self._meter.of(source) else None


class _Telling:
    """Counts the bytes of one request's body as they come, and adds the headers to its answer."""

    def __init__(self, meter: Meter, source: str, receive: Receive, send: Send) -> None:
        self._meter, self._source, self._receive, self._send = meter, source, receive, send

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._meter.received(self._source, len(message.get("body", b"")))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            told = (
                (name.lower().encode(), value.encode()) for name, value in self._meter.headers(self._source).items()
            )
            message["headers"] = [*message["headers"], *told]
        await self._send(message)
