"""From judged events to Kafka's acknowledgement; what is answered 202 is kept."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache

from prometheus_client import Counter as Counted

from services.ingest import bodies
from services.ingest.acceptance import Verdict, judge, judge_many
from services.ingest.backlog import Backlog
from services.ingest.cloudevents import Item
from services.ingest.settled import Settled
from services.ingest.telemetry import EVENTS
from shared.clock import LONDON, Clock
from shared.events import CE_ID, fixed_headers, record_parts
from shared.kafka import Grouping, Publisher
from shared.kafka.records import Form, Routed, size
from shared.reference import Reference
from shared.security import Principal


class Intake:
    """Judges, publishes and counts the events of one request."""

    def __init__(
        self, publisher: Publisher, grouping: Grouping, backlog: Backlog | None, reference: Reference, clock: Clock
    ) -> None:
        self._publisher, self._grouping, self._backlog = publisher, grouping, backlog
        self._reference, self._clock = reference, clock
        self._begin_day()

    async def take(self, items: Sequence[Item], principal: Principal) -> Verdict:
        """Publish every valid item; returns once Kafka has acknowledged all, raises Unavailable otherwise."""
        verdict = judge(items, self._reference, self._today().today)
        rejected = Counter(items[each.index][0] for each in verdict.rejected)
        began = asyncio.get_running_loop().time()
        routed: Routed = {}
        for topic in dict.fromkeys(verdict.topics):
            routed |= await self._route(topic, verdict.of(topic), principal)
        await self._publish(routed, began)
        for topic, number in Counter(verdict.topics).items():
            _counter(topic, "accepted").inc(number)
        for topic, number in rejected.items():
            _counter(topic, "rejected").inc(number)
        return verdict

    async def take_body(self, topic: str, body: bytes, principal: Principal, *, of_lines: bool, most: int) -> Verdict:
        """Publish every valid event of a body of one topic: as `take`. Raises Malformed where it is not even JSON."""
        verdict = self.judge(topic, body, of_lines=of_lines, most=most)
        await self.keep(topic, verdict, principal)
        return verdict

    async def keep(self, topic: str, verdict: Verdict, principal: Principal) -> None:
        """Publish what is accepted of a body of one topic; as `take`."""
        if verdict.accepted:
            began = asyncio.get_running_loop().time()
            await self._publish(await self._route(topic, verdict, principal), began)
            _counter(topic, "accepted").inc(len(verdict.accepted))
        if verdict.rejected:
            _counter(topic, "rejected").inc(len(verdict.rejected))

    def judge(self, topic: str, body: bytes, *, of_lines: bool, most: int) -> Verdict:
        """The verdict on a body of one topic. Raises Malformed where it is not even JSON, TooLarge above `most`."""
        items = bodies.lines(body, most) if of_lines else bodies.json_items(body, most)
        verdict = judge_many(topic, items, self._reference, self._today())
        for each in verdict.rejected:
            bodies.check(items, body, each.index, of_lines=of_lines)
        return verdict

    def _today(self) -> Settled:
        """What is settled today: known anew when a day of London's has passed."""
        now = self._clock.now()
        if not self._day_began <= now < self._day_ends:
            self._begin_day()
        return self._settled

    def _begin_day(self) -> None:
        today = self._clock.today()
        self._day_began, self._day_ends = (
            datetime.combine(day, time.min, LONDON).astimezone(UTC) for day in (today, today + timedelta(days=1))
        )
        self._settled = Settled(self._reference, today)

    async def _route(self, topic: str, verdict: Verdict, principal: Principal) -> Routed:
        if principal.datasets is not None:
            principal.require_datasets(record.dataset for record in verdict.accepted)
        parts = record_parts(verdict.accepted, verdict.written, principal.source)
        return await self._publisher.route_alike(topic, _form(topic, principal.source), parts)

    async def _publish(self, routed: Routed, began: float) -> None:
        if not routed:
            return
        sizes = dict(zip(routed, map(size, routed.values()), strict=True))
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


@cache
def _form(topic: str, source: str) -> Form:
    return Form.of(CE_ID, fixed_headers(topic, source))


@cache
def _counter(topic: str, result: str) -> Counted:
    return EVENTS.labels(topic.rpartition(".")[2], result)
