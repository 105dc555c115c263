"""Ports for the parts to listen on."""

import random
import socket


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on.

    It lies below the ephemeral range: while a part is down, no outgoing connection can take its port.
    """
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port between 20000 and 31999 on 127.0.0.1")
