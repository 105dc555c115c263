import os
import signal
import warnings

import pytest

from local.supervision.interrupts import STOP_SIGNALS, interrupts


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_the_first_signal_interrupts(number):
    with interrupts() as state:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        assert not state.hurry()


def test_the_second_signal_only_asks_to_hurry():
    with interrupts() as state:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        state.stopping()
        os.kill(os.getpid(), signal.SIGINT)
        assert state.hurry()


def test_while_stopping_for_another_reason_a_signal_only_asks_to_hurry():
    with interrupts() as state:
        state.stopping()
        os.kill(os.getpid(), signal.SIGTERM)
        assert state.hurry()


def test_afterwards_signals_do_what_they_did_before():
    before = signal.getsignal(signal.SIGTERM)
    with interrupts():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_interrupt_that_python_swallows_comes_again():
    class Finalised:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    with interrupts() as state, warnings.catch_warnings():
        warnings.simplefilter("ignore", pytest.PytestUnraisableExceptionWarning)
        Finalised()
        with pytest.raises(KeyboardInterrupt):
            signal.pause()
        assert not state.hurry()
