"""Which topics are counted, and how: the table from topic to what reads its events."""

from services.metrics.facts import Facts, Indicators
from services.metrics.layout import Layout
from shared.events import topics
from shared.kafka import Reading
from shared.reference import Reference
from shared.reference.measures import RecordKind

KINDS: dict[str, RecordKind | None] = {
    topics.CRIMES: "crime",
    topics.CRIME_COUNTS: "crime",
    topics.CALLS: "call",
    topics.STOPS: "stop",
    topics.INDICATORS: None,
}


def layouts(reference: Reference) -> dict[str, Layout | None]:
    """Each topic's layout: topics of the same kind share one; indicators are kept, not counted."""
    by_kind = {kind: Layout(reference, kind) for kind in KINDS.values() if kind}
    return {topic: by_kind[kind] if kind else None for topic, kind in KINDS.items()}


def readers(reference: Reference) -> dict[str, Facts | Indicators]:
    """What reads each topic's events."""
    return {topic: Facts(reference, topic) if kind else Indicators() for topic, kind in KINDS.items()}


def reading(batch_records: int = 5000) -> Reading:
    """How the topics are read; nothing that is counted stands in headers."""
    return Reading(batch_records, at_once=4, headers=False)
