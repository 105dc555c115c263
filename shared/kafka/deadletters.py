"""Dead letters: what cannot be decoded or applied, kept with its reason, its place and its own bytes."""

import logging
import traceback
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition
from prometheus_client import Counter

from shared.clock import Clock
from shared.events import AnyMessage
from shared.events.topics import dead_letter_topic
from shared.kafka.limit import DeadLetterLimit, Limit
from shared.kafka.publisher import Publisher
from shared.kafka.whole import whole

log = logging.getLogger(__name__)
DEAD_LETTERS = Counter("oversight_dead_letters", "Messages put aside as dead letters.", ["topic"])
_LONGEST_REASON, _LONGEST_STACK = 2000, 8000
Rejected = tuple[Any, str | Exception]
"""A Kafka record and why it is refused; or the fault that it raised, whose stack is then kept as well."""


class DeadLetters:
    """Publishes rejected records, bytes unchanged, to `<topic>.dlq`; a consumer commits only after that."""

    def __init__(self, publisher: Publisher, consumer: str, clock: Clock, limit: Limit = Limit()) -> None:  # noqa: B008
        self._publisher, self._consumer, self._clock = publisher, consumer, clock
        self._limit = DeadLetterLimit(publisher.kafka, consumer, limit)

    async def put(self, rejected: Sequence[Rejected]) -> None:
        """Keep each. Raises Halted, having kept none, when that were too many, and Unavailable when Kafka fails.

        The headers of one that came without them are read from the log.
        """
        if not rejected:
            return
        places: dict[TopicPartition, dict[int, str]] = defaultdict(dict)
        for record, reason in rejected:
            places[TopicPartition(record.topic, record.partition)][record.offset] = _text(reason)
        for partition, reasons in places.items():
            await self._limit.check(partition, reasons)
        records = await whole(self._publisher.kafka, [record for record, _ in rejected])
        await self._publisher.publish(list(map(self._letter, records, [reason for _, reason in rejected])))
        for partition, reasons in places.items():
            self._limit.remember(partition, reasons)
            self._tell(partition, reasons)

    def _letter(self, record: Any, reason: str | Exception) -> AnyMessage:
        about = {
            "dlq_reason": _text(reason)[:_LONGEST_REASON],
            "dlq_topic": record.topic,
            "dlq_partition": str(record.partition),
            "dlq_offset": str(record.offset),
            "dlq_consumer": self._consumer,
            "dlq_at": self._clock.now().isoformat(),
        }
        if isinstance(reason, Exception):
            about["dlq_stack"] = _stack(reason)
        headers = [*record.headers, *((name, text.encode(errors="backslashreplace")) for name, text in about.items())]
        return AnyMessage(dead_letter_topic(record.topic), record.key, record.value, headers)

    def _tell(self, partition: TopicPartition, reasons: dict[int, str]) -> None:
        DEAD_LETTERS.labels(partition.topic).inc(len(reasons))
        for offset, reason in reasons.items():
            place = {"topic": partition.topic, "partition": partition.partition, "offset": offset}
            log.error("dead letter: %s", reason, extra=place)


def _text(reason: str | Exception) -> str:
    return reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"


def _stack(fault: Exception) -> str:
    """The end of its trace, which says where it was raised."""
    return "".join(traceback.format_exception(fault))[-_LONGEST_STACK:]
