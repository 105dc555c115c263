"""What the parts have in common: a child process with one port and one directory that outlive restarts."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.parts.ports import free_port

PR_SET_PDEATHSIG = 1


class PartError(RuntimeError):
    """A part is missing or did not start; the message ends with the part's own log."""


def die_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """What a child runs before exec so that the kernel sends it `sign` when its parent dies (Linux)."""
    libc = ctypes.CDLL(None)  # loaded before the fork: the child must not import
    return lambda: libc.prctl(PR_SET_PDEATHSIG, sign)


class Part(ABC):
    """A server as a child process. Subclasses say how to prepare, launch and ask it."""

    name: str
    start_seconds = 60.0
    stop_signal = signal.SIGTERM
    orphan_signal = signal.SIGKILL
    user: str | None = None
    folder: Path | None = None  # where it runs, if not in its home

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix=f"oversight-{self.name}-"))
        self.log = self.home / "log"
        self.port = free_port()
        self._child: subprocess.Popen[bytes] | None = None
        if self.user:
            os.chown(self.home, pwd.getpwnam(self.user).pw_uid, pwd.getpwnam(self.user).pw_gid)

    @abstractmethod
    def prepare(self) -> None:
        """Make the data directory, once, before the first start."""

    @abstractmethod
    def command(self) -> list[str]:
        """The server's command line, in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Does the server serve clients? Must return within about a second."""

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def running(self) -> bool:
        return self._child is not None

    @property
    def pid(self) -> int:
        """The server's process id; PartError if it is not running."""
        if self._child is None:
            raise PartError(f"{self.name} is not running")
        return self._child.pid

    def start(self) -> Self:
        """Start on the same port and data as before, and return once clients are served.

        The kernel ends the server with the thread that called this, so call it from one that stays.
        """
        if self._child is not None:
            raise PartError(f"{self.name} is running already, with pid {self._child.pid}")
        if not self.data.exists():
            self.prepare()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder or self.home,
                preexec_fn=die_with_parent(self.orphan_signal),  # noqa: PLW1509 - takes no lock
                **self._as_user(),
            )
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        """Stop in good order; nothing happens if it is down."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """Kill without warning, as a crash does; nothing happens if it is down."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop and delete the data."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, *command: str) -> None:
        """Run a tool of the server's to its end, its output in the log; PartError if it fails."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                check=False,
                **self._as_user(),
            )
        if done.returncode:
            raise self._error(f"{Path(command[0]).name} exited with {done.returncode}")

    def _as_user(self) -> dict:
        """Popen's arguments for another user, when we are root and the server refuses to be."""
        if not self.user:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}

    def _end(self, sign: signal.Signals) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.send_signal(sign)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise self._error(f"did not stop within 30 seconds of {sign.name}") from None

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                code, self._child = self._child.returncode, None
                raise self._error(f"exited with {code} at start")
            if self.answers():
                return
            time.sleep(0.05)
        self.kill()
        raise self._error(f"did not answer within {self.start_seconds:.0f} seconds")

    def _error(self, what: str) -> PartError:
        tail = self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""
        return PartError(f"{self.name} {what}; its log ends:\n{tail}")
