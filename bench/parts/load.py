"""A load generator: keep-alive connections, one request at a time on each, in a process of its own.

Reads a Plan from standard input and writes an Outcome to standard output, both MessagePack.
"""

import asyncio
import gc
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import cast

import msgspec
import uvloop

from parts.cores import OTHERS, pinned

BENCH = Path(__file__).parents[1]
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
SETTLE_SECONDS = 10


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Requests for `seconds` over `connections`.

    The n-th is `requests[n % len(requests)]` with each of its `places` filled with n, from `first` on. The right
    answer is 200 with `answers[n % len(answers)]` as its body; where there are no answers, 202 with `accepted` in its
    body, or with no body at all where that is None. Each connection pauses between an answer and its next request.
    """

    host: str
    port: int
    requests: list[bytes]
    places: int
    first: int
    connections: int
    seconds: float
    accepted: int | None = None
    answers: list[bytes] = []
    pause_seconds: float = 0.0


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

    def next_number(self) -> int | None:
        """None once the time is over, or an answer was wrong."""
        if self.wrong or perf_counter() >= self._ends:
            return None
        self.number += 1
        return self.number - 1

    def request(self, number: int) -> bytes:
        plan = self.plan
        request = plan.requests[number % len(plan.requests)]
        return request % ((number,) * plan.places) if plan.places else request

    def judge(self, number: int, head: bytes, body: bytes) -> None:
        """Take note of an answer that is not the right one."""
        if not self._right(number, head, body):
            self.wrong.append((head[:200] + body[:500]).decode(errors="replace"))

    def _right(self, number: int, head: bytes, body: bytes) -> bool:
        answers, accepted = self.plan.answers, self.plan.accepted
        if answers:
            return head.startswith(b"HTTP/1.1 200") and body == answers[number % len(answers)]
        return head.startswith(b"HTTP/1.1 202") and (accepted is None or self._decode(body).accepted == accepted)


class Connection(asyncio.Protocol):
    """One connection; `finished` is done when it has sent its last request and seen the answer."""

    def __init__(self, load: Load) -> None:
        self._load, self._got, self._began, self._number = load, b"", 0.0, 0
        self.finished = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def send(self) -> None:
        number = self._load.next_number()
        if number is None:
            self.finished.set_result(None)
            self._transport.close()
            return
        self._number, request = number, self._load.request(number)
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
        self._load.judge(self._number, got[:end], got[end:])
        if self._load.plan.pause_seconds:
            asyncio.get_running_loop().call_later(self._load.plan.pause_seconds, self.send_if_open)
        else:
            self.send()

    def send_if_open(self) -> None:
        if not self.finished.done():
            self.send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.finished.done():
            self._load.wrong.append("the connection was closed before its answer")
            self.finished.set_result(None)


async def make_requests(plan: Plan) -> Outcome:
    """Open every connection, then send."""
    loop, load = asyncio.get_running_loop(), Load(plan)
    connections = []
    for _ in range(plan.connections):
        _, connection = await loop.create_connection(lambda: Connection(load), plan.host, plan.port)
        connections.append(connection)
    load.begin()
    began = perf_counter()
    for number, connection in enumerate(connections):
        # Those that pause do not all ask at the same moment.
        loop.call_later(plan.pause_seconds * number / plan.connections, connection.send_if_open)
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


def generate(plan: Plan) -> Outcome:
    """Carry out the plan in a process of its own, on the cores that the service under test does not have."""
    with pinned(OTHERS):
        done = subprocess.run(
            [sys.executable, "-m", "parts.load"],
            input=msgspec.msgpack.encode(plan),
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(BENCH)},
            check=True,
        )
    return msgspec.msgpack.decode(done.stdout, type=Outcome)


def main() -> None:
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    gc.disable()
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(make_requests(plan))))


if __name__ == "__main__":
    main()
