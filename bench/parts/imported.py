"""`oversight import datastore`, run as a user runs it, until metrics has counted everything."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from local.drain import wait_until_applied
from local.home import Addresses
from parts.ratios import Wrong
from parts.stack import Server, Stack
from shared.events import topics

GROUP = "oversight.metrics"
PATIENCE_SECONDS = 300
_OVERSIGHT = Path(sys.executable).with_name("oversight")


class Imported(NamedTuple):
    """What it took, in seconds.

    By the clock: the command, its posting, and from its start until all was counted. `processor`: what the command and
    each child of the stack had of the processor until then.
    """

    counts: int
    wall_seconds: float
    posting_seconds: float
    counted_seconds: float
    processor: dict[str, float]

    @property
    def service_seconds(self) -> float:
        """Of the processor, for ingest and metrics together."""
        return self.processor["ingest"] + self.processor["metrics"]


@contextmanager
def running(stack: Stack, kafka: str, ingest: Server) -> Iterator[None]:
    """Let the command find what runs, as `oversight up` does."""
    nowhere = dict.fromkeys(("metrics", "actions", "notify", "redis", "smtp"), "")
    addresses = Addresses(ingest=ingest.url, kafka=kafka, database={}, volatile_broker=True, **nowhere)
    with stack.home.lock(), stack.home.publish(addresses):
        yield


def import_file(stack: Stack, kafka: str, path: Path, dataset: str, wanted: int) -> Imported:
    """Import the file; Wrong if anything was rejected, or not all of it accepted."""
    before, began = stack.processor_seconds(), time.perf_counter()
    report, taken = _command(stack, path, dataset)
    wall = time.perf_counter() - began
    if (report["accepted"], report["rejected"]) != ({"crime-counts": wanted}, 0):
        raise Wrong(f"of {wanted:,} counts were accepted {report['accepted']}, rejected {report['rejected']:,}")
    behind = wait_until_applied(kafka, GROUP, [topics.CRIME_COUNTS], seconds=PATIENCE_SECONDS, give_up=lambda: False)
    if behind != 0:
        raise Wrong(f"metrics is {behind} events behind after {PATIENCE_SECONDS} s")
    counted, after = time.perf_counter() - began, stack.processor_seconds()
    processor = {"importer": taken, **{name: after[name] - before[name] for name in after}}
    return Imported(wanted, wall, report["posting_seconds"], counted, processor)


def _command(stack: Stack, path: Path, dataset: str) -> tuple[dict[str, Any], float]:
    """Its report, and what it had of the processor."""
    told = stack.home.run / "report.json"
    command = [_OVERSIGHT, "import", "datastore", path, "--dataset", dataset, "--report", told]
    before = _of_ended_children()
    done = subprocess.run(
        command,
        env={**os.environ, "OVERSIGHT_HOME": str(stack.home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Wrong(f"the command ended with {done.returncode}: {done.stdout}{done.stderr}")
    return msgspec.json.decode(told.read_bytes()), _of_ended_children() - before


def _of_ended_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
