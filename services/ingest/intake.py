"""From judged events to Kafka's acknowledgement; what is answered 202 is kept."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from services.ingest.acceptance import Verdict, judge
from services.ingest.backlog import Backlog
from services.ingest.cloudevents import Item
from services.ingest.telemetry import EVENTS
from shared.clock import Clock
from shared.events import record_message
from shared.kafka import Publisher
from shared.kafka.publisher import Routed, size
from shared.reference import Reference
from shared.security import Principal


class Intake:
    """Judges, publishes and counts the events of one request."""

    def __init__(self, publisher: Publisher, backlog: Backlog | None, reference: Reference, clock: Clock) -> None:
        self._publisher, self._backlog = publisher, backlog
        self._reference, self._clock = reference, clock

    async def take(self, items: Sequence[Item], principal: Principal) -> Verdict:
        """Publish every valid item; returns once Kafka has acknowledged all, raises Unavailable otherwise."""
        verdict = judge(items, self._reference, self._clock.today())
        if verdict.accepted:
            messages = [record_message(record, principal.source) for record in verdict.accepted]
            await self._publish(await self._publisher.route(messages))
        self._count(items, verdict)
        return verdict

    async def _publish(self, routed: Routed) -> None:
        if self._backlog is None:
            await self._publisher.publish_routed(routed)
            return
        sizes = {place: sum(map(size, group)) for place, group in routed.items()}
        self._backlog.reserve(sizes)
        try:
            offsets = await self._publisher.publish_routed(routed)
        except BaseException:  # cancellation too: what stays reserved is never given back
            self._backlog.release(sizes)
            raise
        self._backlog.written(sizes, offsets)

    def _count(self, items: Sequence[tuple[str, bytes | msgspec.Raw]], verdict: Verdict) -> None:
        rejected = Counter(items[each.index][0] for each in verdict.rejected)
        for topic, total in Counter(topic for topic, _ in items).items():
            kind = topic.rpartition(".")[2]
            EVENTS.labels(kind, "rejected").inc(rejected[topic])
            EVENTS.labels(kind, "accepted").inc(total - rejected[topic])
