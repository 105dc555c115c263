"""Apache Kafka: one KRaft node, broker and controller in one process."""

import shutil
import uuid
from base64 import urlsafe_b64encode

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.parts.kafka_jars import ROOT, jars
from tests.parts.ports import free_port
from tests.parts.process import Part, PartError

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.partitions={partitions}
auto.create.topics.enable=true
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=2097152
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


class Kafka(Part):
    """One node on free ports. An unknown topic is made on first use, with `partitions` partitions."""

    name = "kafka"
    start_seconds = 120.0  # two Java starts on a busy machine

    def __init__(self, partitions: int = 4) -> None:
        super().__init__()
        self._controller_port = free_port()
        self._partitions = partitions
        self.libs = jars()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the node's properties and format its storage, under a new cluster id."""
        properties = PROPERTIES.format(
            port=self.port,
            controller_port=self._controller_port,
            data=self.data,
            partitions=self._partitions,
        )
        (self.home / "server.properties").write_text(properties)
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self.run(*self._java("kafka.tools.StorageTool"), "format", "-t", cluster_id, "-c", "server.properties")

    def command(self) -> list[str]:
        return [*self._java("kafka.Kafka"), "server.properties"]

    def answers(self) -> bool:
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "error_cb": lambda _: None})
        try:
            return bool(client.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def _java(self, main: str) -> list[str]:
        java = shutil.which("java")
        if not java:
            raise PartError("Apache Kafka needs Java 17 or later: install the package `default-jre-headless`")
        quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]  # a short life on two cores
        logging = f"-Dlog4j2.configurationFile={ROOT / 'deploy/kafka/log4j2.xml'}"
        return [java, "-Xms128m", "-Xmx512m", *quick, logging, "-cp", f"{self.libs}/*", main]
