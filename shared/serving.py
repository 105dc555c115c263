"""A service's process: uvicorn, which is told to stop, finishes what it has in hand, and ends as asked: with 0."""

import signal
import sys

import uvicorn


def main() -> None:
    """Run uvicorn with the arguments of the command line."""
    # Having stopped, uvicorn raises the signal again for whoever handled it before. Nobody did: it would kill.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.main()


if __name__ == "__main__":
    main()
