"""Crimes as requests: distinct events, numbered so that one can tell which of them arrived."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from local.simulate.records import Records
from parts.cores import processor_seconds
from parts.load import Plan, generate
from parts.ratios import Figure, Wrong
from parts.stack import Server
from shared.reference import reference

DATASET = "bench"
_NUMBER = "%012d"


@dataclass(frozen=True)
class Requests:
    """Templates of HTTP requests of `events` crimes each: the crimes of request n are called `<n>-<line>`."""

    lines: list[list[bytes]]
    templates: list[bytes]
    events: int

    @property
    def mean_event_bytes(self) -> float:
        return sum(len(line) for group in self.lines for line in group) / sum(map(len, self.lines))


def crime_requests(token: str, events: int, variants: int) -> Requests:
    """`variants` different requests of `events` crimes each, in London's mix, as NDJSON."""
    random, made = Random(7), Records(reference(), "", DATASET)
    encode = msgspec.json.Encoder().encode
    lines = []
    for _ in range(variants):
        group = []
        for line in range(events):
            at = datetime(2017, 6, 30, tzinfo=UTC) - timedelta(hours=random.randrange(365 * 24))
            crime = msgspec.structs.replace(made.make("crimes", random, line, at), crime_id=f"{_NUMBER}-{line:04d}")
            group.append(encode(crime))
        lines.append(group)
    return Requests(lines, [_request(token, group) for group in lines], events)


def _request(token: str, lines: list[bytes]) -> bytes:
    body = b"\n".join(lines)
    length = len(body % ((0,) * len(lines)))
    media = "application/json" if len(lines) == 1 else "application/x-ndjson"
    head = (
        f"POST /v1/crimes HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
        f"content-type: {media}\r\ncontent-length: {length}\r\n\r\n"
    )
    return head.encode() + body


class Poster:
    """Posts `requests` to one server, never the same number twice."""

    def __init__(self, server: Server, requests: Requests, connections: int, *, bare: bool) -> None:
        self._server, self._requests, self._connections = server, requests, connections
        self._accepted = None if bare else requests.events
        self.next = 0

    def post(self, seconds: float) -> tuple[Figure, float]:
        """Post from a process on the other cores: the events accepted, and the 99th percentile in milliseconds.

        Raises Wrong for any answer but the right one.
        """
        before = processor_seconds(self._server.pid)
        outcome = generate(self._plan(seconds))
        self.next += outcome.sent
        if outcome.wrong:
            raise Wrong(f"not the right answer to a post: {outcome.wrong[0]}")
        taken = processor_seconds(self._server.pid) - before
        return Figure(outcome.sent * self._requests.events, outcome.seconds, taken), outcome.p99_ms

    def _plan(self, seconds: float) -> Plan:
        return Plan(
            host="127.0.0.1",
            port=self._server.port,
            requests=self._requests.templates,
            places=self._requests.events,
            first=self.next,
            connections=self._connections,
            seconds=seconds,
            accepted=self._accepted,
        )
