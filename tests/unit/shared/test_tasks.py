import asyncio

import pytest

from shared.tasks import background


async def test_a_task_ends_with_its_block():
    ended = asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with background(work(), "work"):
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_a_task_that_loses_a_cancellation_is_cancelled_again():
    lost = 0

    async def work():
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost += 1

    async with background(work(), "work"):
        await asyncio.sleep(0)
    assert lost == 1


async def test_a_fault_while_a_task_ends_is_told():
    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("cannot be closed")

    with pytest.raises(ValueError, match="cannot be closed"):
        async with background(work(), "work"):
            await asyncio.sleep(0)
