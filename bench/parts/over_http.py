"""Published tables over HTTP to many clients, beside a bare server that answers the same bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

import httpx

from parts.asks import Asker
from parts.constructed import Crimes
from parts.from_redis import TENTH, WHOLE
from parts.load import Outcome
from parts.published import END, PATH, check_published
from parts.ratios import Pairs, Rates, Wrong
from parts.stack import Server
from parts.tabled import check_priorities
from shared.reference import reference

PRIORITIES = "/v1/tables/local-priorities?quarter=2017-18-Q1"
ROUNDS = 5
CLIENTS = 50
SECONDS = 2.0
PAUSE_SECONDS = 0.25
GOAL_P99_MS = 10.0
Answers = Mapping[str, bytes]
"""By path and query."""


def known_answers(metrics: Server, dataset: str, crimes: Crimes) -> Answers:
    """What metrics answers to each path, once it has been compared with what was stored; raises Wrong."""
    paths = [f"{PATH}?end={END}&dataset={dataset}", f"{PRIORITIES}&dataset={dataset}"]
    found = {path: httpx.get(f"{metrics.url}{path}", timeout=60, trust_env=False) for path in paths}
    for path, answer in found.items():
        if answer.status_code != 200:
            raise Wrong(f"{path} is answered {answer.status_code}: {answer.text[:500]}")
    plan, priorities = found.values()
    if dataset == WHOLE:
        check_published(plan.json())
    if not check_priorities(priorities.json(), crimes, reference()):
        raise Wrong(f"{dataset}: no borough's priority could be compared")
    return {path: answer.content for path, answer in found.items()}


def over_http(bare: Server, metrics: Server, answers: Mapping[str, Answers]) -> Iterable[str]:
    """The same bytes from both, to clients that ask at once again, and to clients that pause."""
    least, whole = Asker(bare, answers[WHOLE], CLIENTS), Asker(metrics, answers[WHOLE], CLIENTS)
    tenth = Asker(metrics, answers[TENTH], CLIENTS)
    rates, flat, tails, paced, bytes_each = Rates(), Pairs(), Tails(), Tails(), sum(map(len, answers[WHOLE].values()))
    for asker in (least, whole, tenth):
        asker.ask(SECONDS / 4)
    for _ in range(ROUNDS):
        (bare_rate, bare_times), (rate, times), (tenth_rate, _) = (each.ask(SECONDS) for each in (least, whole, tenth))
        rates.add(bare_rate, rate)
        flat.add(tenth_rate.rate, rate.rate)
        tails.add(bare_times, times)
        paced.add(least.ask(SECONDS, PAUSE_SECONDS)[1], whole.ask(SECONDS, PAUSE_SECONDS)[1])
    yield from rates.lines("query over HTTP", "a bare Starlette answer of the same bytes", "requests")
    yield tails.line(f"{CLIENTS} clients that ask again at once")
    yield paced.line(f"{CLIENTS} clients that pause for {PAUSE_SECONDS:g} s", GOAL_P99_MS)
    yield flat.line("query over HTTP, ten times the events stored", "the rate", "requests/s", 1.0)
    yield f"  every answer was the right one to the byte ({bytes_each / len(answers[WHOLE]):,.0f} bytes)"


@dataclass
class Tails:
    """Medians and 99th percentiles, in milliseconds."""

    limit: list[Outcome] = field(default_factory=list)
    ours: list[Outcome] = field(default_factory=list)

    def add(self, limit: Outcome, ours: Outcome) -> None:
        self.limit.append(limit)
        self.ours.append(ours)

    def line(self, who: str, goal_ms: float | None = None) -> str:
        p50, p99 = (median(getattr(each, name) for each in self.ours) for name in ("p50_ms", "p99_ms"))
        bare50, bare99 = (median(getattr(each, name) for each in self.limit) for name in ("p50_ms", "p99_ms"))
        ratio = median(ours.p99_ms / limit.p99_ms for ours, limit in zip(self.ours, self.limit, strict=True))
        wanted = f" (goal of the 99th {goal_ms:g} ms)" if goal_ms else ""
        return (
            f"  {who}: 99th percentile {ratio:.2f} times the bare one's"
            f"  [median {p50:.1f} and 99th {p99:.1f} ms{wanted}; bare {bare50:.1f} and {bare99:.1f} ms]"
        )
