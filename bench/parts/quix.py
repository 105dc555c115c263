"""The peer, Quix Streams, counting the crimes of each area and day. Runs in an environment of its own (see peers.py).

Arguments: Kafka's address, how many events to count, a folder for state, and `windows` or `bare`. `windows` keeps the
counts in tumbling windows of a day, as its manual has it; `bare` keeps them in a dictionary and is the least that its
loop can cost. Writes to standard output, as JSON, the seconds by the clock and by the processor from the first event's
arrival to the last one's count, and the counts.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from quixstreams import Application
from quixstreams.context import message_context
from quixstreams.models import TopicAdmin, TopicConfig, TopicManager

TOPIC = "oversight.crimes"
DAY = timedelta(days=1)
DAY_MS = 86_400_000


class Admin(TopicAdmin):
    """Answers what the embedded broker does not: a topic's settings.

    One partition, as far as it need know: so it counts by area where the event is, in each partition apart, as the
    projector does, and need not send every event through Kafka a second time to have an area's together.
    """

    def inspect_topics(self, topic_names: list[str], timeout: float = 30) -> dict[str, TopicConfig]:  # noqa: ARG002
        kept = {"retention.ms": "-1", "retention.bytes": "-1"}
        return {name: TopicConfig(num_partitions=1, replication_factor=1, extra_config=kept) for name in topic_names}


class Count:
    """Counts until `total` events have been counted, then stops the application."""

    def __init__(self, total: int, stop: Callable[[], None]) -> None:
        self._total, self._stop = total, stop
        self._began = self._processor_began = 0.0
        self.counted = 0
        self.figure: dict[str, float] = {}
        self.counts: dict[tuple[int, str, int], int] = {}

    def stamp(self, value: dict[str, Any], _headers: Any, _timestamp: int, _type: Any) -> int:
        """An event's time is the day recorded; the first event that is asked for its time starts the clock."""
        if not self._began:
            self._began, self._processor_began = perf_counter(), process_time()
        return milliseconds(value["recorded_on"])

    def window(self, value: dict[str, int], area: str, _timestamp: int, _headers: Any) -> None:
        self.counts[message_context().partition, area, value["start"]] = value["value"]
        self._one_more()

    def event(self, _value: Any, area: str, timestamp: int, _headers: Any) -> None:
        place = message_context().partition, area, timestamp
        self.counts[place] = self.counts.get(place, 0) + 1
        self._one_more()

    def _one_more(self) -> None:
        self.counted += 1
        if self.counted == self._total:
            seconds, processor = perf_counter() - self._began, process_time() - self._processor_began
            self.figure = {"seconds": seconds, "processor_seconds": processor}
            self._stop()

    def result(self) -> dict[str, Any]:
        counts = [[area, start // DAY_MS, number] for (_, area, start), number in self.counts.items()]
        return {**self.figure, "counted": self.counted, "counts": counts}


@lru_cache
def milliseconds(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def main() -> None:
    kafka, total, state, how = sys.argv[1:]
    group = f"bench.{Path(state).name}"  # one that has read nothing yet
    app = Application(
        broker_address=kafka,
        consumer_group=group,
        auto_offset_reset="earliest",
        use_changelog_topics=False,
        state_dir=state,
        loglevel="WARNING",
        topic_manager=TopicManager(Admin(kafka), consumer_group=group, auto_create_topics=False),
    )
    count = Count(int(total), app.stop)
    topic = app.topic(TOPIC, key_deserializer="bytes", value_deserializer="json", timestamp_extractor=count.stamp)
    by_area = app.dataframe(topic).group_by("area")
    if how == "windows":
        # Nothing arrives too late: the limit for that is longer than the log.
        windows = by_area.tumbling_window(DAY, grace_ms=timedelta(days=1000)).count().current()
        windows.update(count.window, metadata=True)
    else:
        by_area.update(count.event, metadata=True)
    app.run()
    json.dump(count.result(), sys.stdout)


if __name__ == "__main__":
    main()
