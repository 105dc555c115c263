"""Kafka, met in one place: the publisher, the consumer loop, dead letters, progress and lag, and replays."""

from shared.kafka.consumer import Apply, Consumer, Positions, cluster_id
from shared.kafka.deadletters import DeadLetters
from shared.kafka.progress import GroupProgress
from shared.kafka.publisher import Publisher
from shared.kafka.replay import Bounds, Log, open_log

__all__ = [
    "Apply",
    "Bounds",
    "Consumer",
    "DeadLetters",
    "GroupProgress",
    "Log",
    "Positions",
    "Publisher",
    "cluster_id",
    "open_log",
]
