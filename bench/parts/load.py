"""A load generator: keep-alive connections, one request at a time on each, in a process of its own.

Reads a Plan from standard input and writes an Outcome to standard output, both MessagePack.
"""

import asyncio
import gc
import re
import sys
from time import perf_counter
from typing import cast

import msgspec
import uvloop

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
SETTLE_SECONDS = 10


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Requests for `seconds` over `connections`.

    The n-th is `requests[n % len(requests)]` with each of its `places` filled with n, from `first` on. The right
    answer is 202 with `accepted` in its body, or with no body at all where that is None.
    """

    host: str
    port: int
    requests: list[bytes]
    places: int
    first: int
    connections: int
    seconds: float
    accepted: int | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`sent` requests, each answered; `wrong` holds the first few answers that were not the right one."""

    sent: int
    seconds: float
    p50_ms: float
    p99_ms: float
    wrong: list[str]


class Answer(msgspec.Struct, frozen=True):
    """Ingest's answer to a post."""

    accepted: int
    rejected: list[msgspec.Raw]


class Load:
    """What the connections share: the next request, and what has been answered."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.number = plan, plan.first
        self.latencies: list[float] = []
        self.wrong: list[str] = []
        self._ends = 0.0
        self._decode = msgspec.json.Decoder(Answer).decode

    def begin(self) -> None:
        self._ends = perf_counter() + self.plan.seconds

    def next_request(self) -> bytes | None:
        """None once the time is over, or an answer was wrong."""
        if self.wrong or perf_counter() >= self._ends:
            return None
        number, plan = self.number, self.plan
        self.number += 1
        return plan.requests[number % len(plan.requests)] % ((number,) * plan.places)

    def judge(self, head: bytes, body: bytes) -> None:
        """Take note of an answer that is not the right one."""
        right = head.startswith(b"HTTP/1.1 202")
        if right and self.plan.accepted is not None:
            right = self._decode(body).accepted == self.plan.accepted
        if not right:
            self.wrong.append((head[:200] + body[:500]).decode(errors="replace"))


class Connection(asyncio.Protocol):
    """One connection; `finished` is done when it has sent its last request and seen the answer."""

    def __init__(self, load: Load) -> None:
        self._load, self._got, self._began = load, b"", 0.0
        self.finished = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self.finished.set_result(None)
            self._transport.close()
            return
        self._began = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        got = self._got = self._got + data
        end = got.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        length = _LENGTH.search(got, 0, end)
        if length is None or len(got) < end + int(length[1]):
            return
        self._load.latencies.append(perf_counter() - self._began)
        self._got = b""
        self._load.judge(got[:end], got[end:])
        self.send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.finished.done():
            self._load.wrong.append("the connection was closed before its answer")
            self.finished.set_result(None)


async def post(plan: Plan) -> Outcome:
    """Open every connection, then post."""
    loop, load = asyncio.get_running_loop(), Load(plan)
    connections = []
    for _ in range(plan.connections):
        _, connection = await loop.create_connection(lambda: Connection(load), plan.host, plan.port)
        connections.append(connection)
    load.begin()
    began = perf_counter()
    for connection in connections:
        connection.send()
    async with asyncio.timeout(plan.seconds + SETTLE_SECONDS):
        await asyncio.gather(*(connection.finished for connection in connections))
    seconds, times = perf_counter() - began, sorted(load.latencies) or [0.0]
    return Outcome(
        sent=load.number - plan.first,
        seconds=seconds,
        p50_ms=1000 * times[len(times) // 2],
        p99_ms=1000 * times[len(times) * 99 // 100],
        wrong=load.wrong[:3],
    )


def main() -> None:
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    gc.disable()
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(post(plan))))


if __name__ == "__main__":
    main()
