"""Pairs of a limit and what was measured beside it, taken in turn, and their ratio."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median


class Wrong(Exception):
    """The program under test did something incorrectly, so its speed means nothing."""


@dataclass(frozen=True)
class Figure:
    """How much was done in how many seconds by the clock, and by the processor for the program under test."""

    done: int
    seconds: float
    processor_seconds: float

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    @property
    def processor_rate(self) -> float:
        return self.done / self.processor_seconds


@dataclass
class Pairs:
    """`ours` of a benchmark, each beside the `limit` measured just before; the higher the faster."""

    limit: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def add(self, limit: float, ours: float) -> None:
        self.limit.append(limit)
        self.ours.append(ours)

    @property
    def ratios(self) -> list[float]:
        return [ours / limit for limit, ours in zip(self.limit, self.ours, strict=True)]

    def line(self, ours: str, limit: str, unit: str, goal: float | None = None) -> str:
        """One line: the median ratio, what it shall be, each round's, and the medians behind it."""
        rounds = " ".join(f"{ratio:.3f}" for ratio in self.ratios)
        wanted = f" (goal {goal:.2f})" if goal else ""
        return (
            f"{ours}: {median(self.ratios):.3f} of {limit}{wanted}"
            f"  [rounds {rounds}; medians {median(self.ours):,.0f} of {median(self.limit):,.0f} {unit};"
            f" the limit's rounds differ by {max(self.limit) / min(self.limit):.2f}]"
        )


@dataclass
class Rates:
    """Pairs of figures, by the clock and by the processor."""

    clock: Pairs = field(default_factory=Pairs)
    processor: Pairs = field(default_factory=Pairs)

    def add(self, limit: Figure, ours: Figure) -> None:
        self.clock.add(limit.rate, ours.rate)
        self.processor.add(limit.processor_rate, ours.processor_rate)

    def lines(self, ours: str, limit: str, unit: str, goal: float | None = None) -> Iterable[str]:
        """The ratio by the clock; then by processor time, which other work on the machine disturbs less."""
        yield self.clock.line(ours, limit, f"{unit}/s", goal)
        yield self.processor.line("  by processor time", limit, f"{unit}/processor s")


def run(benchmark: Callable[[], Iterable[str]]) -> None:
    """Print each line of a benchmark as it comes; exit with 1, saying what, if something was done incorrectly."""
    try:
        for line in benchmark():
            print(line, flush=True)
    except Wrong as wrong:
        sys.exit(f"WRONG: {wrong}")
