"""The mail sink (`python -m local.parts.mail`): an SMTP server that delivers nowhere and keeps e-mails as files."""

import argparse
import asyncio
import logging
import secrets
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.home import Home
from local.parts.announce import announce, announced
from local.supervision.ports import HOST
from local.supervision.processes import Program
from shared.clock import Clock

log = logging.getLogger(__name__)


def program(home: Home, port: int | None) -> Program:
    """The sink as a child on `port`, or on a free one; `address(home)` says which once it is ready."""
    place = _address_file(home)
    place.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "local.parts.mail", "--port", str(port or 0)]
    argv += ["--address", str(place), "--directory", str(home.mail)]
    return Program("mail", argv, lambda: announced(place), grace_seconds=5)


def address(home: Home) -> str:
    """`host:port` of the sink that is ready in this home."""
    return _address_file(home).read_text()


class Sink:
    """aiosmtpd's handler: each accepted message becomes one `.eml` file, its bytes as they came."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory, self._clock = directory, clock

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message, then answer; a disk that fails is the sender's to retry."""
        content = envelope.content
        try:
            kept = self.keep(content if isinstance(content, bytes) else str(content).encode())
        except OSError as error:
            log.exception("an e-mail was not kept")
            return f"452 4.3.1 not kept: {error.strerror}"
        return f"250 2.0.0 kept as {kept.name}"

    def keep(self, content: bytes) -> Path:
        """Write one message in one step, under a name that sorts by time, and answer its path."""
        name = f"{self._clock.now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}.eml"
        partial = self._directory / f".{name}.partial"
        partial.write_bytes(content)
        return partial.rename(self._directory / name)


async def serve(directory: Path, port: int, place: Path) -> None:
    """Listen on 127.0.0.1 until cancelled, having announced where in `place`."""
    sink = Sink(directory, Clock())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="localhost", ident="oversight"), HOST, port)
    announce(place, f"{HOST}:{server.sockets[0].getsockname()[1]}")
    async with server:
        await server.serve_forever()


def _address_file(home: Home) -> Path:
    return home.run / "mail.address"


def main() -> None:
    """Serve until SIGTERM, which may come at any time: a file is there whole or not at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where the .eml files go")
    parser.add_argument("--port", type=int, required=True, help="0 for a free one")
    parser.add_argument("--address", type=Path, required=True, help="file that receives host:port")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    asyncio.run(serve(arguments.directory, arguments.port, arguments.address))


if __name__ == "__main__":
    main()
