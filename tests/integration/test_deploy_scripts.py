"""The scripts that prepare a deployment's Kafka and PostgreSQL, run against the real ones."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from sqlalchemy import make_url

from shared.events.topics import ALL_TOPICS, RECORD_TOPICS, dead_letter_topic
from tests.parts.kafka import Kafka

DEPLOY = Path(__file__).parents[2] / "deploy"

pytestmark = pytest.mark.usefixtures("real_stack")


def run(script: Path, **environment: str) -> None:
    done = subprocess.run(
        [script], env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def kafka_home(tmp_path: Path, empty_kafka: Kafka) -> Path:
    """A Kafka installation as far as the script needs one, made of the jars."""
    tool = tmp_path / "bin/kafka-topics.sh"
    tool.parent.mkdir()
    java = f"{shutil.which('java')} -XX:TieredStopAtLevel=1 -cp '{empty_kafka.libs}/*'"
    tool.write_text(f'#!/bin/sh\nexec {java} org.apache.kafka.tools.TopicCommand "$@"\n')
    tool.chmod(0o755)
    return tmp_path


@pytest.fixture
def empty_kafka():
    with Kafka() as kafka:
        yield kafka


def create_topics(kafka: Kafka, home: Path, partitions: int) -> dict[str, int]:
    script = DEPLOY / "kafka/create-topics.sh"
    run(script, OVERSIGHT_KAFKA=kafka.bootstrap, KAFKA_HOME=str(home), OVERSIGHT_RECORD_PARTITIONS=str(partitions))
    topics = AdminClient({"bootstrap.servers": kafka.bootstrap}).list_topics(timeout=10).topics
    return {name: len(topic.partitions) for name, topic in topics.items()}


@pytest.mark.slow  # a Java start a topic
def test_every_topic_and_its_dead_letters_are_created_once_and_kept_for_ever(empty_kafka, kafka_home):
    created = create_topics(empty_kafka, kafka_home, partitions=6)
    assert set(created) == {*ALL_TOPICS, *map(dead_letter_topic, ALL_TOPICS)}
    assert {created[topic] for topic in RECORD_TOPICS} == {6}
    assert create_topics(empty_kafka, kafka_home, partitions=8) == created  # else records would change partition
    largest = {name: topic_settings(empty_kafka, {name})[0]["max.message.bytes"].value for name in created}
    assert all(int(largest[dead_letter_topic(topic)]) >= int(largest[topic]) + 2**16 for topic in ALL_TOPICS)
    for settings in topic_settings(empty_kafka, set(created)):
        kept = {name: settings[name].value for name in ("retention.ms", "retention.bytes", "cleanup.policy")}
        assert kept == {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}


def topic_settings(kafka: Kafka, topics: set[str]) -> list[dict]:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    asked = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic) for topic in topics])
    return [answer.result(timeout=10) for answer in asked.values()]


def test_metrics_actions_and_notify_each_own_a_database_that_no_other_can_enter(parts):
    url = make_url(parts.database_url("deploy"))
    server = {"PGHOST": url.host, "PGPORT": str(url.port), "POSTGRES_USER": url.username}
    run(
        DEPLOY / "postgres/10-databases.sh",
        **server,
        ACTIONS_DB_PASSWORD="it's",
        NOTIFY_DB_PASSWORD="n",
        METRICS_DB_PASSWORD="m",
    )
    names = ("oversight_metrics", "oversight_actions", "oversight_notify")
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        with psycopg.connect(host=url.host, port=url.port, user=name, dbname=name) as own:
            own.execute("CREATE TABLE mine (number integer)")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(host=url.host, port=url.port, user=name, dbname=other)
