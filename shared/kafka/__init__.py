"""Kafka, met in one place: the publisher, the consumer loop, dead letters, progress and lag, and replays."""

from shared.kafka.cluster import cluster_id
from shared.kafka.consumer import Apply, Consumer, Positions
from shared.kafka.deadletters import DeadLetters, Rejected
from shared.kafka.grouping import Grouping
from shared.kafka.limit import Halted, Limit
from shared.kafka.progress import GroupProgress
from shared.kafka.publisher import Publisher
from shared.kafka.reading import Reading
from shared.kafka.replay import Bounds, Log, open_log

__all__ = [
    "Apply",
    "Bounds",
    "Consumer",
    "DeadLetters",
    "GroupProgress",
    "Grouping",
    "Halted",
    "Limit",
    "Log",
    "Positions",
    "Publisher",
    "Reading",
    "Rejected",
    "cluster_id",
    "open_log",
]
