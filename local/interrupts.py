"""Signals: the first asks for a clean stop, a second for a quick one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """What the person at the keyboard, or the system, has asked for so far."""

    def __init__(self) -> None:
        self._stopping = False
        self._hurrying = False

    def stopping(self) -> None:
        """From now on a signal only asks to hurry; it interrupts nothing."""
        self._stopping = True

    def hurry(self) -> bool:
        return self._hurrying

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """The first signal raises KeyboardInterrupt wherever the main thread is."""
        if self._stopping:
            self._hurrying = True
            return
        self._stopping = True
        raise KeyboardInterrupt


@contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Take SIGINT, SIGTERM and SIGHUP for the time of the block; only the main thread may."""
    state = Interrupts()
    before = {number: signal.signal(number, state.on_signal) for number in STOP_SIGNALS}
    try:
        yield state
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
