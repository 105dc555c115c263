"""Alert rules as metrics watches them beside the projector, far more often than it does, and what one look costs."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from time import perf_counter
from typing import Any

import msgspec
from redis.asyncio import Redis

from parts.history import DATASET
from services.metrics.resting import Pace
from services.metrics.rules import Rule, read_rules
from services.metrics.store import Incidents
from services.metrics.watch import Watch
from shared.clock import Clock
from shared.reference import reference

LOOK_SECONDS = 0.1
"""Ten to twenty looks in the time of one of the service's."""


class Kept:
    """A publisher whose alerts stay here."""

    def __init__(self) -> None:
        self.alerts: list[Any] = []

    async def publish(self, messages: Sequence[Any]) -> None:
        self.alerts += messages


def rules() -> list[Rule]:
    """The built-in rules on the log's dataset, and one that watches every borough."""
    text = (files("services.metrics.rules") / "rules.toml").read_text(encoding="utf-8")
    built_in = [msgspec.structs.replace(each, datasets=(DATASET,)) for each in read_rules(text, reference())]
    first = next(each for each in built_in if each.kind == "comparison")
    return [*built_in, msgspec.structs.replace(first, id="every-borough", areas="boroughs")]


def watch_of(redis: Redis, queries: Any, caught_up: Callable[[], bool], applied: Callable[[], int]) -> Watch:
    """As services/metrics/app.py composes it, but for where alerts go."""
    kept: Any = Kept()
    pace = Pace(LOOK_SECONDS, caught_up, applied)
    return Watch(rules(), queries, Incidents(redis), kept, reference(), Clock(), "http://bench", pace)


async def seconds_of_an_evaluation(redis: Redis, queries: Any) -> float:
    """Of all rules, the counts being known."""
    await queries.version()
    began = perf_counter()
    await watch_of(redis, queries, lambda: True, lambda: 0).evaluate()
    return perf_counter() - began
