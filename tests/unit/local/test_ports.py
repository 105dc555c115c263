import socket

import pytest

from local.errors import LocalError
from local.supervision.ports import check_ports, free_port


def test_free_ports_pass():
    check_ports({"ingest": free_port(), "metrics": free_port()})


def test_a_taken_port_is_reported_with_its_service_and_the_variable_that_moves_it():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port}, .* actions .*OVERSIGHT_ACTIONS_PORT"):
            check_ports({"ingest": free_port(), "actions": port})


def test_every_taken_port_is_reported_at_once():
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("0.0.0.0", 0)) as other,
        pytest.raises(LocalError, match=r"(?s)OVERSIGHT_INGEST_PORT.*OVERSIGHT_NOTIFY_PORT"),
    ):
        check_ports({"ingest": one.getsockname()[1], "notify": other.getsockname()[1]})


def test_two_services_on_one_port_are_named_both():
    port = free_port()
    with pytest.raises(LocalError, match="metrics and notify were both given it"):
        check_ports({"metrics": port, "notify": port})
