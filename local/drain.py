"""Waiting until a service has applied everything that the broker holds for it."""

import time
from collections.abc import Callable, Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

POLL_SECONDS = 0.1
ANSWER_SECONDS = 2.0


class Progress:
    """How far one consumer group is behind the ends of `topics`, as its own commits tell."""

    def __init__(self, kafka: str, group: str, topics: Sequence[str]) -> None:
        # It never subscribes, so it is no member of the group.
        self._client = Consumer({"bootstrap.servers": kafka, "group.id": group, "log_level": 2})
        self._topics = topics

    def records_behind(self) -> int:
        """The records not yet applied; KafkaException when the broker does not answer."""
        partitions = [place for topic in self._topics for place in self._partitions(topic)]
        return sum(self._behind(place) for place in self._client.committed(partitions, timeout=ANSWER_SECONDS))

    def close(self) -> None:
        self._client.close()

    def _partitions(self, topic: str) -> list[TopicPartition]:
        known = self._client.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic].partitions
        return [TopicPartition(topic, number) for number in known]

    def _behind(self, committed: TopicPartition) -> int:
        first, following = self._client.get_watermark_offsets(committed, timeout=ANSWER_SECONDS)
        # Nothing committed (a negative offset) is nothing applied.
        return max(following - max(committed.offset, first), 0)


def wait_until_applied(
    kafka: str, group: str, topics: Sequence[str], *, seconds: float, give_up: Callable[[], bool]
) -> int | None:
    """Return 0 once `group` has applied all of `topics`, else the records it had not after `seconds`.

    `give_up` ends the wait early. None if the broker does not answer.
    """
    progress = Progress(kafka, group, topics)
    try:
        return _wait(progress, time.monotonic() + seconds, give_up)
    except KafkaException:
        return None
    finally:
        progress.close()


def _wait(progress: Progress, deadline: float, give_up: Callable[[], bool]) -> int:
    while (behind := progress.records_behind()) and time.monotonic() < deadline and not give_up():
        time.sleep(POLL_SECONDS)
    return behind
