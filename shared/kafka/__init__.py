"""Kafka, met in one place: the publisher, the consumer loop, dead letters, progress and lag."""

from shared.kafka.consumer import Apply, Consumer, Positions, cluster_id
from shared.kafka.deadletters import DeadLetters
from shared.kafka.progress import GroupProgress
from shared.kafka.publisher import Publisher

__all__ = ["Apply", "Consumer", "DeadLetters", "GroupProgress", "Positions", "Publisher", "cluster_id"]
