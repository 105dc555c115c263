"""A child process: started with a log and bound to our fate, asked whether it serves, and stopped."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.errors import LocalError

POLL_SECONDS = 0.05
KEPT_LOG_BYTES = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1


class ChildDied(LocalError):
    """A child ended that should run; the message says which, how, and what it last logged."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to tell that it serves: `not_ready` answers None, or what is missing.

    `defaults` stand where this process's environment says nothing, `env` whatever it says. SIGKILL follows SIGTERM
    after `grace_seconds`.
    """

    name: str
    argv: Sequence[str]
    not_ready: Callable[[], str | None]
    env: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = 60
    grace_seconds: float = 15


class Child:
    """One running program, its output appended to `log`."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program, self.log = program, log
        _rotate(log)
        with log.open("ab") as file:
            self._log_start = file.tell()
            self._process = subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**program.defaults, **os.environ, **program.env},
                # Ctrl-C reaches the terminal's foreground group; ours decides when each child stops.
                process_group=0,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - this process starts children from one thread
            )
        self._deadline = time.monotonic() + program.start_seconds

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def check(self) -> None:
        """Raise ChildDied if it has ended."""
        if not self.running:
            raise ChildDied(f"{self.program.name} {_how(self._process.returncode)}. {self._last_words()}")

    def is_ready(self) -> bool:
        """False while it may still come up; LocalError once it has had `start_seconds`."""
        missing = self.program.not_ready()
        if missing is None:
            return True
        if time.monotonic() > self._deadline:
            seconds = self.program.start_seconds
            raise LocalError(f"{self.program.name} is not ready after {seconds:.0f} s: {missing}. {self._last_words()}")
        return False

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """SIGTERM, then SIGKILL to its whole group after the grace, or at once when `hurry` turns true."""
        deadline = time.monotonic() + self.program.grace_seconds
        if self.running:
            self._process.terminate()
        while self.running:
            if hurry() or time.monotonic() > deadline:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()
            time.sleep(POLL_SECONDS)

    def _last_words(self, lines: int = 20) -> str:
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            tail = file.read().decode(errors="replace").splitlines()[-lines:]
        said = "\n".join(f"  {line}" for line in tail) or "  (nothing)"
        return f"{self.log} ends with:\n{said}"


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does between fork and exec so that the kernel sends it SIGTERM when its parent is gone.

    Linux only. Elsewhere a child outlives a supervisor that was killed with SIGKILL, and the next start
    says whose port is taken.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def bind_fates() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return bind_fates


def _how(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > KEPT_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
