"""GET requests of many clients to one server, whose answers are known beforehand."""

from collections.abc import Mapping

from parts.cores import processor_seconds
from parts.load import Outcome, Plan, generate
from parts.ratios import Figure, Wrong
from parts.stack import Server


class Asker:
    """Asks one server for the paths of `answers` in turn; each body must be the known one to the byte.

    With `anew`, each request accepts something else besides JSON, so that no answer that was given before will do.
    """

    def __init__(self, server: Server, answers: Mapping[str, bytes], connections: int, *, anew: bool = False) -> None:
        self._server, self._answers, self._connections = server, answers, connections
        accept = "application/json, x/%012d" if anew else "application/json"
        self._places = int(anew)
        self._requests = [
            f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: {accept}\r\n\r\n".encode() for path in answers
        ]
        self._next = 0

    def ask(self, seconds: float, pause_seconds: float = 0.0) -> tuple[Figure, Outcome]:
        """The requests answered, and their times. Raises Wrong for any answer but the known one."""
        before = processor_seconds(self._server.pid)
        outcome = generate(
            Plan(
                host="127.0.0.1",
                port=self._server.port,
                requests=self._requests,
                places=self._places,
                first=self._next,
                connections=self._connections,
                seconds=seconds,
                answers=list(self._answers.values()),
                pause_seconds=pause_seconds,
            )
        )
        self._next += outcome.sent
        if outcome.wrong:
            raise Wrong(f"not the right answer to a question: {outcome.wrong[0]}")
        taken = processor_seconds(self._server.pid) - before
        return Figure(outcome.sent, outcome.seconds, taken), outcome
