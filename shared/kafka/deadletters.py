"""Dead letters: what cannot be decoded or applied, kept with its reason, its place and its own bytes."""

import logging
from collections.abc import Sequence
from typing import Any

from prometheus_client import Counter

from shared.clock import Clock
from shared.events import Message
from shared.events.topics import dead_letter_topic
from shared.kafka.publisher import Publisher
from shared.kafka.whole import whole

log = logging.getLogger(__name__)
DEAD_LETTERS = Counter("oversight_dead_letters", "Messages put aside as dead letters.", ["topic"])


class DeadLetters:
    """Publishes a rejected record, bytes unchanged, to `<topic>.dlq`; a consumer commits only after that."""

    def __init__(self, publisher: Publisher, consumer: str, clock: Clock) -> None:
        self._publisher, self._consumer, self._clock = publisher, consumer, clock

    async def put(self, rejected: Sequence[tuple[Any, str]]) -> None:
        """Keep each (Kafka record, reason); raises Unavailable when Kafka does not take them.

        The headers of one that came without them are read from the log.
        """
        if not rejected:
            return
        records = await whole(self._publisher.kafka, [record for record, _ in rejected])
        reasons = [reason for _, reason in rejected]
        await self._publisher.publish(list(map(self._letter, records, reasons)))
        for record, reason in rejected:
            DEAD_LETTERS.labels(record.topic).inc()
            place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            log.error("dead letter: %s", reason, extra=place)

    def _letter(self, record: Any, reason: str) -> Message:
        about = {
            "dlq_reason": reason[:2000],
            "dlq_topic": record.topic,
            "dlq_partition": str(record.partition),
            "dlq_offset": str(record.offset),
            "dlq_consumer": self._consumer,
            "dlq_at": self._clock.now().isoformat(),
        }
        headers = [*record.headers, *((name, text.encode()) for name, text in about.items())]
        topic = dead_letter_topic(record.topic)
        return Message(topic, record.key or b"", record.value or b"", headers)
