"""Work that is done again and again beside the requests, and never dies of one fault."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from shared.errors import Unavailable

log = logging.getLogger(__name__)
_LONGEST_PAUSE_SECONDS = 30.0
_FINISH_SECONDS = 5.0

Step = Callable[[], Awaitable[bool]]
"""Does what is to be done now and answers whether more is waiting already."""


class Loop:
    """Calls `step` every `seconds`, at once when woken or when more is waiting, until cancelled.

    A fault is logged and the step is tried again after a pause that doubles up to half a minute. A step is not torn
    by the cancellation: it has five seconds to finish.
    """

    def __init__(self, name: str, step: Step, seconds: float) -> None:
        self._name, self._step, self._seconds = name, step, seconds
        self._wanted = asyncio.Event()
        self._running_in: asyncio.AbstractEventLoop | None = None
        self._fault: str | None = None

    async def ready(self) -> str | None:
        """None while the last step went well, else what is wrong."""
        return self._fault

    def wake(self) -> None:
        """Have the step called now. May be called from any thread."""
        if self._running_in:
            self._running_in.call_soon_threadsafe(self._wanted.set)

    async def run(self) -> None:
        self._running_in = asyncio.get_running_loop()
        faults = 0
        while True:
            self._wanted.clear()
            more, faults = await self._attempt(faults)
            if faults:
                await asyncio.sleep(min(self._seconds * 2**faults, _LONGEST_PAUSE_SECONDS))
            elif not more:
                await self._pause()

    async def _attempt(self, faults: int) -> tuple[bool, int]:
        step = asyncio.ensure_future(self._step())
        try:
            more = await asyncio.shield(step)
        except asyncio.CancelledError:
            await asyncio.wait({step}, timeout=_FINISH_SECONDS)
            step.cancel()
            raise
        except Unavailable as error:
            self._fault = f"{self._name}: {error.detail}"
            log.warning("%s pauses: %s", self._name, error.detail)
            return False, faults + 1
        except Exception as error:
            self._fault = f"{self._name}: {error!r}"
            log.exception("%s failed and will try again", self._name)
            return False, faults + 1
        self._fault = None
        return more, 0

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._wanted.wait()
        except TimeoutError:
            return
