"""How near ingest comes to the least that its work can cost; bench/README.md says what the ratios mean."""

import gc
from collections.abc import Iterable
from contextlib import closing
from statistics import median
from time import perf_counter, thread_time

import msgspec
from parts.cores import SERVICE, pinned
from parts.posts import Poster, Requests, crime_requests
from parts.ratios import Figure, Pairs, Rates, run
from parts.stack import Server, Stack
from parts.topic import Accepted, Topic

from shared.events import Crime, topics

ROUNDS = 5
SECONDS = 2.0
VALIDATION_SECONDS = 1.0
WARM_UP_SECONDS = 0.7
SINGLE_CONNECTIONS = 64
BATCH_CONNECTIONS = 4
BATCH_EVENTS = 1000
SINGLE_GOAL, BATCH_GOAL = 0.4, 0.45
TAIL_GOAL = 2.0
GROUP = "oversight.metrics"
CHECKED = "  every accepted event is in the topic, once: all of them counted, {:,} of them read"


def benchmark() -> Iterable[str]:
    with Stack() as stack:
        kafka = stack.start_broker()
        stack.start_drain(kafka, topics.CRIMES, GROUP)
        bare, ingest = stack.start_bare(), stack.start_ingest(kafka)
        with closing(Topic(kafka)) as topic:
            yield from one_a_request(bare, ingest, topic, stack.token)
        stack.check()
    with Stack() as stack:  # a broker of its own, whose memory nothing has fragmented
        kafka = stack.start_broker()
        stack.start_drain(kafka, topics.CRIMES, GROUP)
        ingest = stack.start_ingest(kafka)
        with closing(Topic(kafka)) as topic:
            yield from many_a_request(ingest, topic, stack.token)
        stack.check()


def one_a_request(bare: Server, ingest: Server, topic: Topic, token: str) -> Iterable[str]:
    requests = crime_requests(token, 1, 1000)
    limit = Poster(bare, requests, SINGLE_CONNECTIONS, bare=True)
    ours = Poster(ingest, requests, SINGLE_CONNECTIONS, bare=False)
    rates, tails, checked = Rates(), Pairs(), 0
    for poster in (limit, ours):
        poster.post(WARM_UP_SECONDS)
    for _ in range(ROUNDS):
        least, least_p99 = limit.post(SECONDS)
        since, first = topic.ends(), ours.next
        done, p99 = ours.post(SECONDS)
        checked += topic.check(since, Accepted(first, ours.next, 1))
        rates.add(least, done)
        tails.add(least_p99, p99)
    yield from rates.lines("ingest, one event a request", "a bare Starlette 202", "requests", SINGLE_GOAL)
    yield (
        f"  99th percentile: {median(tails.ratios):.2f} times the bare one's (goal {TAIL_GOAL:.2f} at most)"
        f"  [medians {median(tails.ours):.1f} and {median(tails.limit):.1f} ms; {SINGLE_CONNECTIONS} connections]"
    )
    yield CHECKED.format(checked)


def many_a_request(ingest: Server, topic: Topic, token: str) -> Iterable[str]:
    requests = crime_requests(token, BATCH_EVENTS, 4)
    ours = Poster(ingest, requests, BATCH_CONNECTIONS, bare=False)
    rates, checked = Rates(), 0
    ours.post(WARM_UP_SECONDS)
    for _ in range(ROUNDS):
        least = validation(requests)
        since, first = topic.ends(), ours.next
        done, _ = ours.post(SECONDS)
        checked += topic.check(since, Accepted(first, ours.next, BATCH_EVENTS))
        rates.add(least, done)
    yield from rates.lines(f"ingest, {BATCH_EVENTS:,} events a request", "validation alone", "events", BATCH_GOAL)
    yield CHECKED.format(checked)
    yield f"  {requests.mean_event_bytes:.0f} bytes an event, {BATCH_CONNECTIONS} connections"


def validation(requests: Requests) -> Figure:
    """Decoding the same lines into Crime with msgspec, on the service's core, the garbage collector off."""
    decode = msgspec.json.Decoder(Crime).decode
    groups = [[line % 0 for line in group] for group in requests.lines]
    events = 0
    gc.disable()
    with pinned(SERVICE):
        began, processor_began = perf_counter(), thread_time()
        while perf_counter() < began + VALIDATION_SECONDS:
            for group in groups:
                events += len([decode(line) for line in group])
        taken = Figure(events, perf_counter() - began, thread_time() - processor_began)
    gc.enable()
    return taken


if __name__ == "__main__":
    run(benchmark)
