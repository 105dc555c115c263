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
from parts.ratios import Figure, Pairs, Rates, Wrong
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
    """The same bytes from the bare server, from what metrics remembers, and made anew; and a tenth of the events'."""
    least, again = Asker(bare, answers[WHOLE], CLIENTS), Asker(metrics, answers[WHOLE], CLIENTS)
    anew, tenth = (Asker(metrics, answers[dataset], CLIENTS, anew=True) for dataset in (WHOLE, TENTH))
    found = {name: Found() for name in ("asked before", "made anew")}
    flat = Pairs()
    for asker in (least, again, anew, tenth):
        asker.ask(SECONDS / 4)
    for _ in range(ROUNDS):
        limit, paced = least.ask(SECONDS), least.ask(SECONDS, PAUSE_SECONDS)
        for each, asker in zip(found.values(), (again, anew), strict=True):
            each.add(limit, asker.ask(SECONDS), paced, asker.ask(SECONDS, PAUSE_SECONDS))
        flat.add(tenth.ask(SECONDS)[0].rate, found["made anew"].rates.clock.ours[-1])
    for name, each in found.items():
        yield from each.lines(name)
    yield flat.line("query over HTTP, made anew, ten times the events stored", "the rate", "requests/s", 1.0)
    size = sum(map(len, answers[WHOLE].values())) / len(answers[WHOLE])
    yield f"  every answer was the right one to the byte ({size:,.0f} bytes)"


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


Asked = tuple[Figure, Outcome]


@dataclass
class Found:
    """Requests a second and their times, of clients that ask at once again and of clients that pause."""

    rates: Rates = field(default_factory=Rates)
    tails: Tails = field(default_factory=Tails)
    paced: Tails = field(default_factory=Tails)

    def add(self, limit: Asked, ours: Asked, paced_limit: Asked, paced: Asked) -> None:
        self.rates.add(limit[0], ours[0])
        self.tails.add(limit[1], ours[1])
        self.paced.add(paced_limit[1], paced[1])

    def lines(self, name: str) -> Iterable[str]:
        yield from self.rates.lines(f"query over HTTP, {name}", "a bare Starlette answer of the same bytes", "requests")
        yield self.tails.line(f"{CLIENTS} clients that ask again at once")
        yield self.paced.line(f"{CLIENTS} clients that pause for {PAUSE_SECONDS:g} s", GOAL_P99_MS)
