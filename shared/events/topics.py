"""Every topic's name, its dead letters' name, and how a key finds its partition: built here and nowhere else."""

from zlib import crc32

CRIMES = "oversight.crimes"
CALLS = "oversight.calls"
STOPS = "oversight.stops"
INDICATORS = "oversight.indicators"
CRIME_COUNTS = "oversight.crime-counts"
ALERTS = "oversight.alerts"
ACTIONS = "oversight.actions"
NOTIFICATIONS = "oversight.notifications"

RECORD_TOPICS = (CRIMES, CALLS, STOPS, INDICATORS, CRIME_COUNTS)
ALL_TOPICS = (*RECORD_TOPICS, ALERTS, ACTIONS, NOTIFICATIONS)


def dead_letter_topic(topic: str) -> str:
    return f"{topic}.dlq"


def record_key(source: str, dataset: str, record_id: str) -> bytes:
    """The identity of a record, so that all its events share a partition. Source and dataset hold no slash."""
    return record_key_start(source) + f"{dataset}/{record_id}".encode()


def record_key_start(source: str) -> bytes:
    """What the keys of a source's records begin with, before dataset and id."""
    return f"{source}/".encode()


def partition_of(key: bytes, partitions: int) -> int:
    """As librdkafka's `consistent` partitioner: CRC-32 of the key. Clients in other languages must choose the same."""
    return crc32(key) % partitions
