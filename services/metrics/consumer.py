"""Which topics are counted, and how: the table from topic to the kind of record that its events are."""

from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import TopicPartition

from services.metrics.layout import Layout
from services.metrics.projector import Projector
from shared.events import topics
from shared.kafka import Apply
from shared.reference import Reference

KINDS = {
    topics.CRIMES: "crime",
    topics.CRIME_COUNTS: "crime",
    topics.CALLS: "call",
    topics.STOPS: "stop",
    topics.INDICATORS: None,
}
INDICATOR_FINGERPRINT = "1"


def layouts(reference: Reference) -> dict[str, Layout | None]:
    """Each topic's layout: topics of the same kind share one; indicators are kept, not counted."""
    by_kind = {kind: Layout(reference, kind) for kind in ("crime", "call", "stop")}
    return {topic: by_kind[kind] if kind else None for topic, kind in KINDS.items()}


def fingerprints(by_topic: dict[str, Layout | None]) -> dict[str, str]:
    """What each topic's Redis keys carry of its layout."""
    return {topic: each.fingerprint if each else INDICATOR_FINGERPRINT for topic, each in by_topic.items()}


def projecting(projector: Projector, changed: Callable[[], None]) -> Apply:
    """Applies batches with `projector`, then calls `changed`."""

    async def apply(partition: TopicPartition, records: Sequence[Any]) -> int:
        offset = await projector.apply(partition, records)
        changed()
        return offset

    return apply
