import asyncio

from shared.errors import Unavailable
from shared.loops import Loop


class Steps:
    """A step that does as its list says: an error to raise, or what to answer; then nothing more."""

    def __init__(self, *script):
        self.script, self.calls = list(script), 0
        self.called = asyncio.Event()

    async def __call__(self):
        self.calls += 1
        self.called.set()
        done = self.script.pop(0) if self.script else False
        if isinstance(done, Exception):
            raise done
        return done


async def running(loop, steps, calls):
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(5):
        while steps.calls < calls:
            steps.called.clear()
            await steps.called.wait()
    return task


async def stop(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_step_with_more_to_do_is_called_again_at_once():
    steps = Steps(True, True, False)
    await stop(await running(Loop("work", steps, 3600), steps, 3))
    assert steps.calls == 3


async def test_a_fault_is_survived_and_shown_until_a_step_goes_well():
    steps = Steps(Unavailable("no database"), ValueError("a fault"), False)
    loop = Loop("work", steps, 0.01)
    task = asyncio.create_task(loop.run())
    seen = set()
    async with asyncio.timeout(5):
        while steps.calls < 3 or await loop.ready():
            seen.add(await loop.ready())
            await asyncio.sleep(0.001)
    await stop(task)
    assert "work: no database" in seen
    assert any("a fault" in str(each) for each in seen)


async def test_it_sleeps_until_woken_from_any_thread():
    steps = Steps()
    loop = Loop("work", steps, 3600)
    task = await running(loop, steps, 1)
    await asyncio.sleep(0.05)
    assert steps.calls == 1
    steps.called.clear()
    await asyncio.to_thread(loop.wake)
    async with asyncio.timeout(5):
        await steps.called.wait()
    await stop(task)
    assert steps.calls == 2


async def test_a_step_under_way_is_finished_before_the_loop_stops():
    begun, finished = asyncio.Event(), []

    async def step():
        begun.set()
        await asyncio.sleep(0.1)
        finished.append(True)
        return False

    task = asyncio.create_task(Loop("work", step, 3600).run())
    await begun.wait()
    await stop(task)
    assert finished == [True]
