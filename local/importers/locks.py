"""One import of a kind at a time, where it keeps what it must know the next time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalError


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold the lock at `path`; LocalError if another import of `what` has it. The kernel frees a dead holder's."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(f"another import of {what} runs with {path.parent}: wait until it has ended") from None
        yield
