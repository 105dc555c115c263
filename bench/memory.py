"""Whether an ingest worker that is used well and badly grows; bench/README.md says what is measured.

.venv/bin/python bench/memory.py [SECONDS]
"""

import argparse
import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from statistics import mean
from time import monotonic

from parts.askers import Askers
from parts.cores import OTHERS, pinned
from parts.ratios import Wrong, run
from parts.stack import Server, Stack

SECONDS = 300
STRETCHES = 5
"""The first is warm-up; of the second and the last the means are compared."""
SAMPLES_A_SECOND = 5
GOAL = 1.05


def benchmark(seconds: float) -> Iterable[str]:
    with Stack() as stack:
        kafka = stack.start_broker()
        ingest = stack.start_ingest(kafka, sheds=False)
        with pinned(OTHERS):
            found, samples = asyncio.run(load(ingest, stack.token, seconds))
        stack.check()
    yield from figures(found, samples, seconds / STRETCHES)


async def load(ingest: Server, token: str, seconds: float) -> tuple[Askers, list[float]]:
    """Ask in every way for so long; also how many MiB the worker had meanwhile."""
    askers, samples, ends = Askers(ingest, token), [], monotonic() + seconds
    async with askers.asking():
        while monotonic() < ends:
            samples.append(resident_mib(ingest.pid))
            await asyncio.sleep(1 / SAMPLES_A_SECOND)
    return askers, samples


def resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def figures(askers: Askers, samples: list[float], stretch_seconds: float) -> Iterable[str]:
    if askers.wrong:
        raise Wrong(askers.wrong[0])
    each = len(samples) // STRETCHES
    stretches = [samples[start : start + each] for start in range(0, each * STRETCHES, each)]
    first, last = mean(stretches[1]), mean(stretches[-1])
    yield (
        f"ingest's memory, the last {stretch_seconds:g} s: {last / first:.3f} of that after warm-up (goal {GOAL:.2f})"
        f"  [means of stretches {' '.join(f'{mean(stretch):.0f}' for stretch in stretches)} MiB;"
        f" most {max(samples):.0f}, least {min(samples):.0f}]"
    )
    for name, answers in askers.answers.items():
        told = ", ".join(f"{number:,} x {status or 'cut off'}" for status, number in sorted(answers.items()))
        yield f"  {name}: {told}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition(";")[0])
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS)
    given = parser.parse_args().seconds
    run(lambda: benchmark(given))
