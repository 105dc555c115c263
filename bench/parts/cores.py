"""Which processor core runs what: the service under test has one to itself, everything else shares the others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CORES = sorted(os.sched_getaffinity(0))
SERVICE = {_CORES[0]}
OTHERS = set(_CORES[1:]) or SERVICE
ALL = set(_CORES)


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """This thread, and the processes that it starts meanwhile, run on `cores` alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_seconds(pid: int) -> float:
    """What all threads of a process have had of the processor so far, in steps of a hundredth of a second (Linux)."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
