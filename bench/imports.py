"""The whole Datastore file through `oversight import`, into metrics' counts; bench/README.md explains."""

import gc
from collections.abc import Iterable
from statistics import median
from time import perf_counter, thread_time

import msgspec
from parts.borough_file import Answers, BoroughFile, read, where
from parts.cores import ALL, pinned
from parts.imported import Imported, import_file, running
from parts.ratios import Figure, Pairs, run
from parts.stack import Server, Stack

from shared.events import CrimeCount
from shared.reference import reference

ROUNDS = 3
SERVICE_SECONDS_GOAL = 10.0


def benchmark() -> Iterable[str]:
    if not where().is_file():
        yield f"skipped: there is no {where()} (set OVERSIGHT_SHARED_DATA to the folder that has it)"
        return
    file = read(where(), reference())
    with Stack() as stack, pinned(ALL):
        kafka, redis = stack.start_broker(ALL), stack.start_redis(ALL)
        metrics, ingest = stack.start_metrics(kafka, redis, ALL), stack.start_ingest(kafka, ALL)
        with running(stack, kafka, ingest):
            yield from rounds(stack, kafka, metrics, file)
        stack.check()


def rounds(stack: Stack, kafka: str, metrics: Server, file: BoroughFile) -> Iterable[str]:
    """Each round imports into a dataset of its own; the last one's is then imported into once more."""
    limits, done, checked = [], [], 0
    for number in range(ROUNDS):
        limits.append(validation(file.lines))
        done.append(import_file(stack, kafka, file.path, f"bench-{number}", len(file.lines)))
        checked += Answers(metrics, f"bench-{number}").check_london(file)
    yield from figures(limits, done)
    again = import_file(stack, kafka, file.path, f"bench-{ROUNDS - 1}", len(file.lines))
    checked += Answers(metrics, f"bench-{ROUNDS - 1}").check_every_cell(file)
    yield f"  a second import, which changes nothing: service time {again.service_seconds:.1f} s"
    yield f"  {checked:,} of metrics' monthly counts compared with the file, each after its import: all right"


def validation(lines: list[bytes]) -> Figure:
    """Decoding the same counts with msgspec, the collector off, and nothing else."""
    decode = msgspec.json.Decoder(CrimeCount).decode
    gc.disable()
    began, processor_began = perf_counter(), thread_time()
    for line in lines:
        decode(line)
    taken = Figure(len(lines), perf_counter() - began, thread_time() - processor_began)
    gc.enable()
    return taken


def figures(limits: list[Figure], done: list[Imported]) -> Iterable[str]:
    rates = Pairs()
    for limit, ours in zip(limits, done, strict=True):
        rates.add(limit.processor_rate, ours.counts / ours.service_seconds)
    service = [each.service_seconds for each in done]
    yield (
        f"import, service time: {median(service) / SERVICE_SECONDS_GOAL:.2f} of {SERVICE_SECONDS_GOAL:g} s (goal 1.00"
        f" or less)  [rounds {' '.join(f'{each:.1f}' for each in service)} s; {done[0].counts:,} counts]"
    )
    yield rates.line("  counts a second of service time", "validation alone", "counts/processor s")
    spent = ", ".join(f"{name} {median(each.processor[name] for each in done):.1f}" for name in done[0].processor)
    yield f"  processor seconds: {spent}"
    for name, meant in _MEANT.items():
        seconds = median(getattr(each, name) for each in done)
        yield f"  by the clock, {meant}: {seconds:.1f} s, {done[0].counts / seconds:,.0f} counts/s"


_MEANT = {
    "posting_seconds": "from the first post to the last answer",
    "wall_seconds": "the whole command",
    "counted_seconds": "until metrics had counted everything",
}


if __name__ == "__main__":
    run(benchmark)
