"""A service's process: uvicorn, with an answer's head and body written together, ending with 0 when told to stop."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from shared.heads import BoundedProtocol, bounds

WHOLE_ANSWER = "oversight.whole_answer"
"""An extension in the scope of an HTTP request. Its `write` takes a status, headers (with the length of the body) and a
body, writes that as the answer, and says True; False where it has to be sent as usual."""
Header = tuple[bytes, bytes]


class Joined:
    """A transport that writes two pieces at once where they come at once. It never holds more than one.

    uvicorn writes an answer's head and then its body: two system calls and two packets, which for a small answer is
    most of what it costs.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._held = transport, b""
        self._call_soon = asyncio.get_running_loop().call_soon

    def write(self, data: bytes) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._write(held + data)
        elif data:
            self._held = data
            self._call_soon(self._flush)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        self._flush()
        self._transport.write_eof()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._flush()
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._write(held)

    def _write(self, data: bytes) -> None:
        # Of requests that wait for one another uvicorn tells only the latest that nobody is there any more, and a
        # transport of uvloop's raises once it is closed.
        if not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(BoundedProtocol):
    """uvicorn's, bounded, on a joined transport; an app that knows its answer whole can have it written at once."""

    _defaults: tuple[list[Header], bytes] = ([], b"")
    """The headers of every answer, as uvicorn has them, and as they are written: made anew each second."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(cast("asyncio.Transport", Joined(transport)))

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        # Of the protocol, not of the request: what led back to the request would keep it until the collector comes.
        self.scope["extensions"] = {WHOLE_ANSWER: {"write": self._answer}}

    def _answer(self, status: int, headers: Sequence[Header], body: bytes) -> bool:
        cycle = self.cycle
        if self.pipeline or cycle.response_started or cycle.disconnected or not cycle.keep_alive:
            return False  # where another request waits, the latest is not the one that is answered
        if self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        written = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join((STATUS_LINE[status], self._default(cycle), *written, b"\r\n", body)))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def _default(self, cycle: RequestResponseCycle) -> bytes:
        known, written = self._defaults
        if known is not cycle.default_headers:
            known = cycle.default_headers
            written = b"".join(b"%b: %b\r\n" % header for header in known)
            self._defaults = known, written
        return written


def main() -> None:
    """Run uvicorn with the arguments of the command line."""
    bounds()  # what is out of range stops the start, with its name
    # Having stopped, uvicorn raises the signal again for whoever handled it before. Nobody did: it would kill.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # What is in hand when it is told to stop may take so long; a service that runs on is killed, and has lost more.
    sys.argv[1:1] = ["--timeout-graceful-shutdown", "5", "--http", "shared.serving:Protocol"]
    uvicorn.main()


if __name__ == "__main__":
    main()
