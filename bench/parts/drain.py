"""Commits the end of every partition of a topic as some group, over and over: a consumer that is never behind.

It fetches nothing, so that it takes next to nothing of the core that it shares with the broker.
"""

import argparse
import time

from confluent_kafka import Consumer, TopicPartition

PAUSE_SECONDS = 0.02


def main() -> None:
    """Commit until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("kafka", "topic", "group"):
        parser.add_argument(name)
    wanted = parser.parse_args()
    consumer = Consumer({"bootstrap.servers": wanted.kafka, "group.id": wanted.group, "enable.auto.commit": False})
    numbers = sorted(consumer.list_topics(wanted.topic, timeout=10).topics[wanted.topic].partitions)
    places = [TopicPartition(wanted.topic, number) for number in numbers]
    while True:
        ends = [consumer.get_watermark_offsets(place, timeout=10)[1] for place in places]
        now = [TopicPartition(wanted.topic, number, end) for number, end in zip(numbers, ends, strict=True)]
        consumer.commit(offsets=now, asynchronous=False)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
