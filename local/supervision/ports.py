"""Ports: which are wanted, which are taken, and finding a free one."""

import socket
from collections import Counter
from collections.abc import Mapping

from local.errors import LocalError
from local.settings import variable

HOST = "127.0.0.1"


def check_ports(wanted: Mapping[str, int]) -> None:
    """Raise LocalError if a port in {service: port} is taken or wanted twice: each with the variable that moves it."""
    wrong = [
        f"Port {port}, which {service} listens on, is taken{_by_whom(wanted, port)}. "
        f"Stop what listens there, or set {variable(f'{service}_port')} to a free port."
        for service, port in wanted.items()
        if Counter(wanted.values())[port] > 1 or not _is_free(port)
    ]
    if wrong:
        raise LocalError("\n".join(wrong))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _by_whom(wanted: Mapping[str, int], port: int) -> str:
    services = [service for service, its in wanted.items() if its == port]
    return f" ({' and '.join(services)} were both given it)" if len(services) > 1 else ""


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
