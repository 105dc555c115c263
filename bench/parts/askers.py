"""Upstreams of every kind at once: right, wrong and hostile; each answer must be one that is right for its kind."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count

import msgspec

from parts.stack import HOST, Server

MIB = 2**20
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_CRIME = {"status": "recorded", "recorded_on": "2017-06-01", "area": "Camden", "dataset": "bench"}
CUT_OFF = 0
Pieces = Iterator[bytes]
"""What is written of a request, one after the other, for as long as the server takes it."""

Answered = tuple[int, bool]
"""A status, or CUT_OFF where there was no answer; and whether the connection stays open."""


class CutOff(Exception):
    """Raised by a sender that goes away in the middle."""


@dataclass(frozen=True)
class Kind:
    """So many connections that each send one of `requests` after another, with a pause; `right` statuses or CUT_OFF."""

    connections: int
    pause_seconds: float
    right: set[int]
    make: Callable[[int], Pieces]


class Askers:
    """All kinds at once on one server; `answers` counts the statuses by kind, `wrong` holds those not right."""

    def __init__(self, server: Server, token: str) -> None:
        self._server, self._numbers = server, count()
        self.answers: dict[str, Counter[int]] = defaultdict(Counter)
        self.wrong: list[str] = []
        self._kinds = kinds(f"host: x\r\nauthorization: Bearer {token}\r\n".encode())

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(self._ask(name, kind))
            for name, kind in self._kinds.items()
            for _ in range(kind.connections)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            self.wrong += [repr(each) for each in ended if not isinstance(each, asyncio.CancelledError)]

    async def _ask(self, name: str, kind: Kind) -> None:
        while True:
            with suppress(ConnectionError):
                await self._keep_asking(name, kind)

    async def _keep_asking(self, name: str, kind: Kind) -> None:
        """Until the connection is closed."""
        reader, writer = await asyncio.open_connection(HOST, self._server.port)
        is_open = True
        try:
            while is_open:
                status, is_open = await self._exchange(reader, writer, kind.make(next(self._numbers)))
                self.answers[name][status] += 1
                if status not in kind.right:
                    self.wrong.append(f"{name} is answered with {status}")
                await asyncio.sleep(kind.pause_seconds)
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: Pieces) -> Answered:
        answering = asyncio.ensure_future(_answer(reader))
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                if answering.done():
                    break
        except ConnectionError:
            pass  # perhaps it was answered all the same
        except CutOff:
            answering.cancel()
            return CUT_OFF, False
        finally:
            if asyncio.current_task().cancelling():  # type: ignore[union-attr] # there is one
                answering.cancel()
        return await answering


async def _answer(reader: asyncio.StreamReader) -> Answered:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if length := _LENGTH.search(head):
            await reader.readexactly(int(length[1]))
    except (asyncio.IncompleteReadError, ConnectionError):
        return CUT_OFF, False
    return int(head.split(b" ", 2)[1]), b"connection: close" not in head.lower()


def kinds(head: bytes) -> dict[str, Kind]:
    """Every kind by name, with the status that are right; 503 where Kafka is too busy."""

    def post(body: bytes, more: bytes = b"") -> Pieces:
        yield b"POST /v1/crimes HTTP/1.1\r\n%b%bcontent-length: %d\r\n\r\n%b" % (head, more, len(body), body)

    def chunked(chunk: bytes) -> Pieces:
        yield b"POST /v1/crimes HTTP/1.1\r\n%btransfer-encoding: chunked\r\n\r\n" % head
        while True:
            yield b"%x\r\n%b\r\n" % (len(chunk), chunk)

    def heads() -> Pieces:
        yield b"POST /v1/crimes HTTP/1.1\r\n%b" % head
        while True:
            yield b"x-filler: " + b"x" * 4000 + b"\r\n"

    def cut_off(number: int) -> Pieces:
        yield b"POST /v1/crimes HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n" % (head, MIB)
        yield b"x" * (number * 99_991 % MIB)
        raise CutOff

    hostile = [b"[" * 200_000, b'{"a":' * 100_000, b"9" * MIB, b"{}," * 4000, b"[" + b"1," * MIB + b"1]"]
    hostile += [b'{"crime_id": "%b"}' % (b"x" * 4 * MIB), b"\x00" * MIB, b" " * (5 * MIB + 1), bytes(range(256)) * 4000]
    key = b"idempotency-key: k%d\r\n"
    return {
        "single posts": Kind(16, 0, {202, 503}, lambda n: post(_crimes(n, 1)[1:-1])),
        "batches": Kind(3, 0.02, {202, 503}, lambda n: post(_crimes(n, 1000))),
        "batches with keys": Kind(1, 0.02, {202, 503}, lambda n: post(_crimes(n, 100), key % n)),
        "batches with faults": Kind(2, 0.02, {202, 503}, lambda n: post(_crimes(n, 300, wrong=3))),
        "rejected batches": Kind(2, 0.02, {422}, lambda n: post(_crimes(n, 300, wrong=1))),
        "hostile bodies": Kind(2, 0.05, {400, 413, 422}, lambda n: post(hostile[n % len(hostile)])),
        "bodies without end": Kind(1, 0.05, {413, CUT_OFF}, lambda _: chunked(b" " * 65536)),
        "heads without end": Kind(1, 0.05, {431, CUT_OFF}, lambda _: heads()),
        "bodies cut off": Kind(2, 0.05, {CUT_OFF}, cut_off),
    }


def _crimes(number: int, events: int, wrong: int = 0) -> bytes:
    """An array of distinct crimes, one of every `wrong` of an offence that there is not."""
    encode = msgspec.json.Encoder().encode
    offences = ["Arson" if not wrong or line % wrong else "Witchcraft" for line in range(events)]
    return encode([_CRIME | {"crime_id": f"{number}-{line}", "offence": each} for line, each in enumerate(offences)])
