"""From judged events to Kafka's acknowledgement; what is answered 202 is kept."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import compress

from prometheus_client import Counter as Counted

from services.ingest import bodies
from services.ingest.acceptance import Verdict, judge, judge_many
from services.ingest.backlog import Backlog
from services.ingest.cloudevents import Item
from services.ingest.settled import Settled
from services.ingest.telemetry import EVENTS
from shared.clock import Clock
from shared.events import CE_ID, fixed_headers, record_parts
from shared.kafka import Grouping, Publisher
from shared.kafka.publisher import Routed
from shared.kafka.records import Form, size
from shared.reference import Reference
from shared.security import Principal


class Intake:
    """Judges, publishes and counts the events of one request."""

    def __init__(
        self, publisher: Publisher, grouping: Grouping, backlog: Backlog | None, reference: Reference, clock: Clock
    ) -> None:
        self._publisher, self._grouping, self._backlog = publisher, grouping, backlog
        self._reference, self._clock = reference, clock
        self._settled = Settled(reference, clock.today())

    async def take(self, items: Sequence[Item], principal: Principal) -> Verdict:
        """Publish every valid item; returns once Kafka has acknowledged all, raises Unavailable otherwise."""
        verdict = judge(items, self._reference, self._clock.today())
        await self._keep(verdict, principal)
        self._count([items[each.index][0] for each in verdict.rejected], verdict)
        return verdict

    async def take_body(self, topic: str, body: bytes, principal: Principal, *, of_lines: bool, most: int) -> Verdict:
        """Publish every valid event of a body of one topic: as `take`. Raises Malformed where it is not even JSON."""
        verdict = self._judge(topic, body, of_lines=of_lines, most=most)
        await self._keep(verdict, principal)
        self._count([topic] * len(verdict.rejected), verdict)
        return verdict

    def _judge(self, topic: str, body: bytes, *, of_lines: bool, most: int) -> Verdict:
        today = self._clock.today()
        if self._settled.today != today:
            self._settled = Settled(self._reference, today)
        items = bodies.lines(body, most) if of_lines else bodies.json_items(body, most)
        verdict = judge_many(topic, items, self._reference, self._settled)
        for each in verdict.rejected:
            bodies.check(items, body, each.index, of_lines=of_lines)
        return verdict

    async def _keep(self, verdict: Verdict, principal: Principal) -> None:
        if not verdict.accepted:
            return
        principal.require_datasets(record.dataset for record in verdict.accepted)
        began = asyncio.get_running_loop().time()
        routed = await self._route(verdict, principal.source)
        sizes = {place: size(bodies) for place, bodies in routed.items()}
        if self._backlog is None:
            await self._grouping.publish(routed, sum(sizes.values()), began)
            return
        self._backlog.reserve(sizes)
        try:
            offsets = await self._grouping.publish(routed, sum(sizes.values()), began)
        except BaseException:  # cancellation too: what stays reserved is never given back
            self._backlog.release(sizes)
            raise
        self._backlog.written(sizes, {place: offsets[place] for place in sizes})

    async def _route(self, verdict: Verdict, source: str) -> Routed:
        routed: Routed = {}
        for topic in dict.fromkeys(verdict.topics):
            of_topic = list(map(topic.__eq__, verdict.topics))
            parts = record_parts(compress(verdict.accepted, of_topic), compress(verdict.written, of_topic), source)
            routed |= await self._publisher.route_alike(topic, _form(topic, source), parts)
        return routed

    def _count(self, rejected: Iterable[str], verdict: Verdict) -> None:
        for result, found in (("rejected", rejected), ("accepted", verdict.topics)):
            for topic, number in Counter(found).items():
                _counter(topic, result).inc(number)


@cache
def _counter(topic: str, result: str) -> Counted:
    return EVENTS.labels(topic.rpartition(".")[2], result)


@cache
def _form(topic: str, source: str) -> Form:
    return Form.of(CE_ID, fixed_headers(topic, source))
