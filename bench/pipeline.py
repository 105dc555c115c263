"""Two years of London's crimes, one record each, from HTTP to the published table; bench/README.md explains."""

import asyncio
import gc
import time
from collections.abc import Iterable
from dataclasses import dataclass

import httpx
import uvloop
from parts.constructed import Crimes, construct
from parts.cores import ALL, SERVICE, pinned
from parts.drained import drain
from parts.lines import json_lines, with_repetitions
from parts.memory import used_at
from parts.published import END, PATH, check_published, published_table
from parts.ratios import Pairs, Wrong, run
from parts.stack import Server, Stack

from local.drain import wait_until_applied
from local.posting.ingest_client import IngestClient
from local.simulate.mixes import areas
from shared.events import topics
from shared.reference import reference

DATASET = "bench"
GROUP = "oversight.metrics"
ONE_IN = 50  # events that were posted before
PATIENCE_SECONDS = 900
ROUNDS = 3


@dataclass
class Sent:
    """How many events were accepted, and how often and how long ingest had the poster wait."""

    accepted: int = 0
    refused: int = 0
    waited_seconds: float = 0.0

    async def wait(self, seconds: float) -> None:
        self.refused += 1
        self.waited_seconds += seconds
        await asyncio.sleep(seconds)


def benchmark() -> Iterable[str]:
    began = time.perf_counter()
    crimes = construct(published_table(), areas(reference()))
    lines = json_lines(crimes, DATASET)
    yield from made(crimes, lines, time.perf_counter() - began)
    gc.freeze()  # one and a half million lines are not looked at again
    with Stack() as stack, pinned(ALL):
        kafka, redis = stack.start_broker(ALL), stack.start_redis(ALL)
        metrics, ingest = stack.start_metrics(kafka, redis, ALL), stack.start_ingest(kafka, ALL)
        empty, before = used_at(redis), stack.processor_seconds()
        began = time.perf_counter()
        sent = asyncio.run(post(ingest, stack.token, lines))
        posted_seconds = time.perf_counter() - began
        await_counts(kafka)
        seconds = time.perf_counter() - began
        yield check_table(metrics)
        yield from ratio(kafka, sent.accepted / seconds)
        yield (
            f"  {sent.accepted:,} events in {seconds:.0f} s, {seconds - posted_seconds:.1f} s of them after the last"
            f" was accepted; shed {sent.refused:,} times, {sent.waited_seconds:.0f} s waited on four connections"
        )
        yield parts_of_work(before, stack.processor_seconds(), sent.accepted)
        yield f"  Redis: {(used_at(redis) - empty) / len(crimes):.1f} bytes a crime ({len(crimes):,} crimes)"
        stack.check()


def made(crimes: Crimes, lines: list[bytes], seconds: float) -> Iterable[str]:
    before, current = (int(crimes.year(number).sum()) for number in (0, 1))
    yield (
        f"{before:,} + {current:,} = {len(crimes):,} crimes, {sum(map(len, lines)) / len(lines):.0f} bytes each,"
        f" made in {seconds:.1f} s before anything is timed"
    )
    yield (
        f"  {crimes.with_flags(1):,} carry a flag, {crimes.with_flags(2):,} two or more, and"
        f" {crimes.with_flags(3):,} three or more"
    )


async def post(ingest: Server, token: str, lines: list[bytes]) -> Sent:
    """Raises Wrong if an event is rejected, LocalError if ingest refuses a request for good."""
    sent = Sent()
    async with IngestClient(ingest.url, token, sleep=sent.wait) as client:
        totals = await client.send(("crimes", line) for line in with_repetitions(lines, ONE_IN))
    if totals.rejections.records:
        raise Wrong(f"ingest rejected {totals.rejections.records:,}: {totals.rejections.most_frequent()[0]}")
    sent.accepted = totals.accepted["crimes"]
    if sent.accepted != len(lines) + len(lines) // ONE_IN:
        raise Wrong(f"{sent.accepted:,} events were accepted of {len(lines) + len(lines) // ONE_IN:,}")
    return sent


def await_counts(kafka: str) -> None:
    behind = wait_until_applied(kafka, GROUP, [topics.CRIMES], seconds=PATIENCE_SECONDS, give_up=lambda: False)
    if behind != 0:
        raise Wrong(f"metrics is {behind} events behind after {PATIENCE_SECONDS} s")


def check_table(metrics: Server) -> str:
    asked = {"end": END, "dataset": DATASET}
    answer = httpx.get(f"{metrics.url}{PATH}", params=asked, timeout=60, trust_env=False)
    if answer.status_code != 200:
        raise Wrong(f"the table's answer is {answer.status_code}: {answer.text[:500]}")
    return f"  {check_published(answer.json())} published rows compared, every figure to the digit: all right"


def ratio(kafka: str, rate: float) -> Iterable[str]:
    """The whole pipeline's events a second over those of a drain of what the broker still keeps."""
    pairs = Pairs()
    with pinned(SERVICE):
        for _ in range(ROUNDS):
            pairs.add(uvloop.run(drain(kafka)).rate, rate)
    yield pairs.line("pipeline, HTTP to table", "an aiokafka drain", "events/s")


def parts_of_work(before: dict[str, float], after: dict[str, float], events: int) -> str:
    spent = ", ".join(f"{name} {(after[name] - before[name]) * 1e6 / events:.1f}" for name in after)
    return f"  processor microseconds an event: {spent}"


if __name__ == "__main__":
    run(benchmark)
