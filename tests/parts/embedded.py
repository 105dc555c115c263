"""The embedded broker, librdkafka's mock cluster, for tests that do not restart it."""

from typing import Self

from confluent_kafka import Producer


class EmbeddedBroker:
    """A mock cluster of one broker in this process. It keeps 5 MiB a partition and forgets all at `close`."""

    bootstrap: str

    def start(self) -> Self:
        self._cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (broker,) = self._cluster.list_topics(timeout=10).brokers.values()
        self.bootstrap = f"{broker.host}:{broker.port}"
        return self

    def close(self) -> None:
        del self._cluster

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
