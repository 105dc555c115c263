"""The children of one supervisor: started one after the other, watched together, stopped in the reverse order."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from local.supervision.processes import POLL_SECONDS, Child, Program


class Children:
    """The children of one supervisor, in the order in which they were started."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []

    def __iter__(self) -> Iterator[Child]:
        return iter(self._children)

    def start(self, program: Program) -> Child:
        child = Child(program, self._logs / f"{program.name}.log")
        self._children.append(child)
        return child

    def wait_until_ready(self) -> None:
        """Return once every child serves; ChildDied or LocalError as soon as one will not."""
        for child in self._children:
            while not child.is_ready():
                self.check()
                time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise ChildDied for the first child that has ended."""
        for child in self._children:
            child.check()

    def watch(self) -> None:
        """Return never: raise ChildDied when a child ends."""
        while True:
            self.check()
            time.sleep(4 * POLL_SECONDS)

    def stop(self, hurry: Callable[[], bool] = lambda: False, before: Callable[[Child], None] | None = None) -> None:
        """Stop the last that was started first, calling `before` with each that still runs."""
        for child in reversed(self._children):
            if before and child.running:
                before(child)
            child.stop(hurry)
