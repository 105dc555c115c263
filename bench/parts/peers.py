"""What the projector is compared with: runs a peer over the same log, and checks what it counted."""

import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from parts.ratios import Figure, Wrong
from parts.stack import BENCH
from shared.events import Crime, Message

PYTHON = BENCH.parent / ".cache/bench-venv/bin/python"
PATIENCE_SECONDS = 300
How = Literal["windows", "bare"]
DayCounts = Counter[tuple[str, int]]
"""Events by area and day, in days since 1970."""


class _Result(msgspec.Struct):
    seconds: float
    processor_seconds: float
    counted: int
    counts: list[tuple[str, int, int]]


def check_installed() -> None:
    if not PYTHON.exists():
        sys.exit(f"the peers are not installed in {PYTHON.parents[1]}: `make bench-peers` does that")


def day_counts(messages: list[Message]) -> DayCounts:
    """Every message, whatever it revises or repeats: a windowed count knows no records."""
    decode, first = msgspec.json.Decoder(Crime).decode, date(1970, 1, 1).toordinal()
    crimes = (decode(message.value) for message in messages)
    return Counter((crime.area, date.fromisoformat(crime.recorded_on).toordinal() - first) for crime in crimes)


def quix(kafka: str, true: DayCounts, how: How) -> Figure:
    """Quix Streams over the whole log, on the cores of the caller; raises Wrong if it counted anything else."""
    total = true.total()
    with tempfile.TemporaryDirectory(prefix="oversight-bench-quix-") as state:
        argv = [PYTHON, Path(__file__).with_name("quix.py"), kafka, str(total), state, how]
        done = subprocess.run(argv, capture_output=True, cwd=state, timeout=PATIENCE_SECONDS, check=False)
    if done.returncode:
        raise Wrong(f"Quix Streams failed:\n{done.stderr.decode()[-2000:]}")
    result = msgspec.json.decode(done.stdout, type=_Result)
    counted: DayCounts = Counter()
    for area, day, number in result.counts:
        counted[area, day] += number
    if counted != true:
        raise Wrong(f"Quix Streams counted {counted.total():,} of {total:,} events, or elsewhere")
    return Figure(total, result.seconds, result.processor_seconds)
