"""Posts records to ingest: NDJSON batches, a few requests in flight, patient while ingest cannot take more."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from local.errors import LocalError
from local.posting.batches import Batch, batches
from local.posting.items import Postable
from local.posting.rejections import Rejections
from shared.errors import FieldError

IN_FLIGHT = 4
PATIENCE_SECONDS = 180.0
LONGEST_WAIT_SECONDS = 30.0
_CANNOT_NOW = (429, 503)
_HINTS = {
    401: "the token is not valid for this ingest",
    403: "the token lacks a scope",
    413: "a request was too large",
}

Sleep = Callable[[float], Awaitable[object]]


class IngestFailed(LocalError):
    """Ingest refused a request as a whole, or could not be reached. Posting everything again is safe."""


@dataclass(slots=True)
class Totals:
    """What ingest answered: records accepted by kind, and the rejections."""

    accepted: Counter[str] = field(default_factory=Counter)
    rejections: Rejections = field(default_factory=Rejections)


class IngestClient:
    """A context manager that posts to `{url}/v1/<kind>` with a bearer token.

    A request that ingest cannot take now (503, 429), or that does not reach it although an earlier one did, is sent
    again until `patience_seconds` have gone by: records carry revisions, so that a repetition changes nothing.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        self._url, self._patience, self._sleep = url, patience_seconds, sleep
        # No proxy of the environment: a local stack is addressed directly.
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=60, transport=transport, trust_env=False)
        self._reached = False
        self.totals = Totals()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, items: Iterable[Postable], done: Callable[[int], None] = lambda _: None) -> Totals:
        """Post every item; call `done` with the size of each batch once it is answered.

        Answers the totals of this client so far. Requests overtake each other: order is the revisions' business.
        Raises IngestFailed; what was accepted until then stays accepted.
        """
        slots = asyncio.Semaphore(IN_FLIGHT)
        try:
            async with asyncio.TaskGroup() as group:
                for batch in batches(items):
                    await slots.acquire()
                    task = group.create_task(self._deliver(batch, done))
                    task.add_done_callback(lambda _: slots.release())
        except ExceptionGroup as several:
            # Those in flight fail alike; the first says what there is to say.
            raise several.exceptions[0] from several
        return self.totals

    async def _deliver(self, batch: Batch, done: Callable[[int], None]) -> None:
        waited = 0.0
        while True:
            answer, wait = await self._attempt(batch, waited)
            if answer is not None:
                break
            if waited + wait > self._patience:
                raise IngestFailed(f"ingest at {self._url} took nothing for {waited:.0f} s; {self._so_far()}")
            await self._sleep(wait)
            waited += wait
        self._record(batch, answer)
        done(len(batch.items))

    async def _attempt(self, batch: Batch, waited: float) -> tuple[httpx.Response | None, float]:
        """The answer, or None and the seconds after which to try again."""
        try:
            answer = await self._http.post(f"/v1/{batch.kind}", content=batch.body())
        except httpx.TransportError as error:
            if not self._reached:
                raise IngestFailed(f"ingest does not answer at {self._url}: {error!r}") from error
            return None, min(1 + waited, LONGEST_WAIT_SECONDS)
        self._reached = True
        return (None, _retry_after(answer)) if answer.status_code in _CANNOT_NOW else (answer, 0.0)

    def _record(self, batch: Batch, answer: httpx.Response) -> None:
        if answer.status_code not in (202, 422):
            raise IngestFailed(f"{self._refusal(batch, answer)}; {self._so_far()}")
        try:
            body = answer.json()
            self._record_rejected(batch, body["rejected"])
            self.totals.accepted[batch.kind] += body["accepted"] if answer.status_code == 202 else 0
        except (ValueError, KeyError, TypeError, IndexError) as error:  # msgspec's are ValueErrors
            told = f"{answer.status_code} {answer.text[:200]!r}"
            raise IngestFailed(f"ingest at {self._url} gave an answer that is not ingest's: {told}") from error

    def _record_rejected(self, batch: Batch, rejected: list[dict[str, Any]]) -> None:
        for item in rejected:
            errors = msgspec.convert(item["errors"], list[FieldError])
            self.totals.rejections.add(errors, batch.place(item["index"]))

    def _refusal(self, batch: Batch, answer: httpx.Response) -> str:
        hint = _HINTS.get(answer.status_code, "it did not accept the request")
        return f"ingest at {self._url} answered {answer.status_code} to {batch.kind}: {hint} ({_detail(answer)})"

    def _so_far(self) -> str:
        return f"{self.totals.accepted.total():,} records had been accepted, and it is safe to post all again"


def _retry_after(answer: httpx.Response) -> float:
    """Seconds of the Retry-After header; 1 where it is missing or a date."""
    text = answer.headers.get("retry-after", "")
    return min(max(float(text), 0.1), LONGEST_WAIT_SECONDS) if text.isdigit() else 1.0


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or "no more was said"
