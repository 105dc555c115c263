"""Background tasks that live exactly as long as the app that starts them."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

log = logging.getLogger(__name__)
_FINISH_SECONDS = 2.0


@asynccontextmanager
async def background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run `work` beside the block and cancel it at the end.

    Should it end by itself, the process stops: a service that has quietly stopped consuming looks healthy and is not.
    """
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_stop_the_process)
    try:
        yield
    finally:
        task.remove_done_callback(_stop_the_process)
        await _cancelled(task)


async def _cancelled(task: asyncio.Task[None]) -> None:
    # One cancellation can be lost: asyncio.wait_for, which Kafka's client waits with, drops one that comes together
    # with the answer that it waits for, and the task goes on.
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_FINISH_SECONDS)
    with suppress(asyncio.CancelledError):
        await task


def _stop_the_process(task: asyncio.Task[None]) -> None:
    fault = None if task.cancelled() else task.exception()
    log.critical("the task %s ended; stopping", task.get_name(), exc_info=fault)
    os.kill(os.getpid(), signal.SIGTERM)
