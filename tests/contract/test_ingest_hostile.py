"""Whatever is sent, ingest answers 4xx in bounded memory, publishes nothing of it, and is well afterwards."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from shared.security import INGEST_SCOPES, issue_token
from tests.contract.hostile import EVENTS, JSON_BODIES, LINES, PACKED, crime
from tests.parts.ports import free_port

MIB = 1024 * 1024
BODY_SECONDS = 2
HEAD_SECONDS = 1
BODIES = 32 * MIB


class Ingest:
    """A process of its own, whose memory can be looked at; a token of the one that does harm, and one of another."""

    def __init__(self, process, port, token, other_token):
        self.process, self.port, self.other_token = process, port, other_token
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        self.head = f"Host: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    def memory(self):
        """Resident bytes."""
        with Path(f"/proc/{self.process.pid}/statm").open() as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def post(self, body, path="/v1/crimes", **headers):
        named = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.post(path, content=body, headers=named)

    def published(self):
        """How many events have been accepted, by ingest's own count."""
        return self.metric("oversight_ingest_events_total", "accepted")

    def metric(self, name, label):
        lines = self.client.get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith(name) and f'"{label}"' in line]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def is_well(self):
        return self.client.get("/readyz").status_code == 200 and self.post(crime()).status_code == 202

    @contextmanager
    def connection(self, start):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(start.encode())
            yield connection


@pytest.fixture(scope="module")
def ingest(parts, tmp_path_factory):
    tokens, port = tmp_path_factory.mktemp("hostile") / "tokens.json", free_port()
    token = issue_token(tokens, "met", INGEST_SCOPES)
    environment = os.environ | {
        "OVERSIGHT_KAFKA": parts.bootstrap,
        "OVERSIGHT_TOKENS_FILE": str(tokens),
        "OVERSIGHT_INGEST_BODY_SECONDS": str(BODY_SECONDS),
        "OVERSIGHT_INGEST_MAX_BODIES_BYTES": str(BODIES),
        "OVERSIGHT_HTTP_HEAD_SECONDS": str(HEAD_SECONDS),
    }
    launcher = [sys.executable, "-m", "shared.serving", "services.ingest.app:create_app", "--factory"]
    process = subprocess.Popen([*launcher, "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
    try:
        ingest = Ingest(process, port, token, issue_token(tokens, "btp", INGEST_SCOPES))
        _wait_until_ready(ingest)
        ingest.post(crime())
        yield ingest
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_ready(ingest):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert ingest.process.poll() is None, "ingest ended at its start"
        try:
            if ingest.client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("ingest does not become ready")


@pytest.fixture
def unharmed(ingest):
    """Afterwards ingest has accepted nothing, is hardly larger, and is well."""
    published, memory = ingest.published(), ingest.memory()
    yield
    assert ingest.published() == published
    assert ingest.memory() - memory < 64 * MIB
    assert ingest.is_well()


def refused(answer, *statuses):
    assert answer.status_code in statuses, answer.text[:500]
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"]


@pytest.mark.parametrize("name", JSON_BODIES)
def test_a_hostile_body_is_refused(ingest, unharmed, name):
    refused(ingest.post(JSON_BODIES[name]), 400, 413, 422)


@pytest.mark.parametrize("name", LINES)
def test_hostile_lines_are_refused(ingest, unharmed, name):
    refused(ingest.post(LINES[name], Content_Type="application/x-ndjson"), 400, 413, 422)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("mode", ["cloudevents", "cloudevents-batch"])
def test_a_hostile_event_is_refused(ingest, unharmed, name, mode):
    body = EVENTS[name] if mode == "cloudevents" else b"[" + EVENTS[name] + b"]"
    refused(ingest.post(body, "/v1/events", Content_Type=f"application/{mode}+json"), 400, 422)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("path", ["/v1/crimes", "/v1/events"])
def test_a_packed_body_is_refused_unopened(ingest, unharmed, name, path):
    encoding, body = PACKED[name]
    answer = ingest.post(body, path, Content_Encoding=encoding)
    refused(answer, 415)
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "k"}])
def test_a_body_that_trickles_is_refused_after_its_time(ingest, unharmed, key):
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in key.items())
    with ingest.connection(f"POST /v1/crimes HTTP/1.1\r\n{ingest.head}{extra}Content-Length: 1000\r\n\r\n") as slow:
        answer = until_closed(slow, lambda: slow.sendall(b" "), pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_body_that_never_begins_is_refused_after_its_time(ingest, unharmed):
    with ingest.connection(f"POST /v1/crimes HTTP/1.1\r\n{ingest.head}Content-Length: 1000\r\n\r\n") as silent:
        assert until_closed(silent, lambda: None).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("path", ["/v1/crimes", "/v1/events", "/nowhere"])
def test_chunks_without_end_are_answered_and_then_cut_off(ingest, unharmed, path):
    with ingest.connection(f"POST {path} HTTP/1.1\r\n{ingest.head}Transfer-Encoding: chunked\r\n\r\n") as endless:
        answer = until_closed(endless, lambda: endless.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n"))
    assert answer.split(b" ", 2)[1] in {b"404", b"413"}


def test_without_a_token_nothing_of_an_endless_body_is_kept(ingest, unharmed):
    head = "POST /v1/crimes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with ingest.connection(head) as endless:
        answer = until_closed(endless, lambda: endless.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n"))
    assert answer.startswith(b"HTTP/1.1 401")


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def until_closed(connection, send, pause=0.0):
    """What is answered, sending on until the connection is closed."""
    connection.settimeout(0.2)
    answer, deadline = b"", time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            send()
            time.sleep(pause)
        except TimeoutError:
            pass  # not read for now
        except OSError:
            return answer + rest(connection)
        answer, is_closed = received(connection, answer)
        if is_closed:
            return answer
    raise AssertionError(f"the connection is not closed after {answer[:200]!r}")


def received(connection, before):
    connection.setblocking(False)
    try:
        found = connection.recv(65536)
    except BlockingIOError:
        return before, False
    except ConnectionError:
        return before, True
    finally:
        connection.settimeout(0.2)
    return before + found, not found


def rest(connection):
    try:
        return connection.recv(65536)
    except OSError:
        return b""


HEAD = "POST /v1/crimes HTTP/1.1\r\nHost: x\r\n"
LONG = {
    "a header": ("X: ", b"x" * 0x10000),
    "a header's name": ("X", b"x" * 0x10000),
    "headers": ("", b"X: x\r\n" * 10_000),
    "a path": (None, b"x" * 0x10000),
    "line feeds": (None, b"\r\n" * 10_000),
    "trailers": ("Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: x\r\n" * 10_000),
    "a trailer": ("Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x" * 0x10000),
    "an extension of a chunk": ("Transfer-Encoding: chunked\r\n\r\n1;x=", b"x" * 0x10000),
}


@pytest.mark.parametrize("name", LONG)
def test_what_never_ends_though_it_is_no_body_is_refused(ingest, unharmed, name):
    start, more = LONG[name]
    token = ingest.head.split("\r\n")[1]
    first = "\r\n" if name == "line feeds" else "GET /" if start is None else f"{HEAD}{token}\r\n{start}"
    with ingest.connection(first) as endless:
        answer = until_closed(endless, lambda: endless.sendall(more))
    assert answer.split(b" ", 2)[1] in {b"431", b"400"}


def test_a_head_that_trickles_is_refused_after_its_time(ingest, unharmed):
    with ingest.connection(HEAD) as slow:
        assert until_closed(slow, lambda: slow.sendall(b"X"), pause=0.1).startswith(b"HTTP/1.1 408")


def test_a_connection_on_which_nothing_is_asked_is_closed(ingest, unharmed):
    with ingest.connection("") as silent:
        assert until_closed(silent, lambda: None, pause=0.1) == b""


def test_a_trailer_lends_nobody_a_token(ingest, unharmed):
    start = (
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n{ingest.head.split(chr(13), 2)[1].strip()}\r\n\r\n"
    )
    with ingest.connection(start) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 401")


def test_who_holds_half_of_all_bodies_is_refused_more_unread_and_harms_no_other(ingest, unharmed):
    start = f"POST /v1/crimes HTTP/1.1\r\n{ingest.head}Content-Length: {5 * MIB}\r\n\r\n"
    opened = [socket.create_connection(("127.0.0.1", ingest.port), timeout=30) for _ in range(5)]
    try:
        for connection in opened:
            connection.sendall(start.encode())
        wait_until(lambda: ingest.metric("oversight_ingest_held_bytes", "bodies") == 15 * MIB)
        other = {"Authorization": f"Bearer {ingest.other_token}"}
        assert ingest.client.post("/v1/crimes", json={}, headers=other).status_code == 422
        answers = sorted(connection.recv(65536).lower() for connection in opened)
    finally:
        for connection in opened:
            connection.close()
    assert [answer.split(b" ")[1] for answer in answers] == [b"408"] * 3 + [b"503"] * 2
    assert all(b"retry-after: 1\r\n" in answer for answer in answers[3:])
    wait_until(lambda: ingest.metric("oversight_ingest_held_bytes", "bodies") == 0)


@pytest.mark.parametrize(
    "start",
    [
        "GARBAGE\r\n\r\n",
        "POST /v1/crimes HTTP/9.9\r\n\r\n",
        "POST /v1/crimes HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/crimes HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /v1/crimes HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /v1/crimes HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "POST /v1/\x01crimes HTTP/1.1\r\n\r\n",
        "POST /v1/crimes HTTP/1.1\r\nX-Request-Id: a\x01b\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_or_cut_off(ingest, unharmed, start):
    with ingest.connection(start) as connection:
        answer = until_closed(connection, lambda: None, pause=0.05)
    assert not answer or answer.split(b" ", 2)[1][:1] == b"4"


def test_many_who_never_finish_leave_room_for_one_who_does(ingest, unharmed):
    head = f"POST /v1/crimes HTTP/1.1\r\n{ingest.head}Content-Length: 5000\r\n\r\n"
    opened = [socket.create_connection(("127.0.0.1", ingest.port)) for _ in range(200)]
    try:
        for connection in opened:
            connection.sendall(head.encode() + b"x" * 1000)
        assert ingest.client.get("/livez").status_code == 200
    finally:
        for connection in opened:
            connection.close()
