"""Signals: the first asks for a clean stop, a second for a quick one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AGAIN_SECONDS = 2.0


class Interrupts:
    """What the person at the keyboard, or the system, has asked for so far."""

    def __init__(self) -> None:
        self._stopping = False
        self._hurrying = False

    def stopping(self) -> None:
        """From now on a signal only asks to hurry; it interrupts nothing."""
        self._stopping = True
        signal.setitimer(signal.ITIMER_REAL, 0)

    def hurry(self) -> bool:
        return self._hurrying

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Raises KeyboardInterrupt wherever the main thread is, until that has begun to stop."""
        if self._stopping:
            self._hurrying = True
            return
        # Python swallows what is raised in a finaliser or a callback, and the main thread may be in one: ask again.
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        raise KeyboardInterrupt

    def on_alarm(self, number: int, frame: FrameType | None) -> None:
        """The interrupt was lost: raises it again."""
        if not self._stopping:
            self.on_signal(number, frame)


@contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Take SIGINT, SIGTERM, SIGHUP and SIGALRM for the time of the block; only the main thread may."""
    state = Interrupts()
    handlers = {**dict.fromkeys(STOP_SIGNALS, state.on_signal), signal.SIGALRM: state.on_alarm}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield state
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
