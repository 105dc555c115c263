"""A service's process: uvicorn, with an answer's head and body written together, ending with 0 when told to stop."""

import asyncio
import signal
import sys
from typing import Any, cast

import uvicorn

from shared.heads import BoundedProtocol, bounds


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
            self._transport.write(held + data)
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
            self._transport.write(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(BoundedProtocol):
    """uvicorn's, bounded, on a joined transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(cast("asyncio.Transport", Joined(transport)))


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
