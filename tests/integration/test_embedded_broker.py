"""The facts about the embedded broker that the services rely on, and how the supervisor waits for them."""

import os
import signal

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError
from confluent_kafka.admin import AdminClient

from local.drain import wait_until_applied
from local.home import Home
from local.parts import broker
from local.supervision.children import Children
from shared.events.topics import ALERTS, ALL_TOPICS, CALLS, CRIMES, dead_letter_topic

GROUP = "oversight.metrics"


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def children(home):
    children = Children(home.logs)
    yield children
    children.stop()


def start(home, children):
    child = children.start(broker.program(home))
    children.wait_until_ready()
    return child, broker.address(home)


def cluster(bootstrap):
    return AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10)


async def publish(bootstrap, topic, values, partition=0):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=partition)
    finally:
        await producer.stop()


async def commit(bootstrap, topic, offset):
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.commit({TopicPartition(topic, 0): offset})
    finally:
        await consumer.stop()


def behind(bootstrap, topics=(CRIMES, CALLS), seconds=0.0, give_up=lambda: False):
    return wait_until_applied(bootstrap, GROUP, topics, seconds=seconds, give_up=give_up)


def test_a_ready_broker_has_every_topic_and_its_dead_letters_with_four_partitions(home, children):
    topics = cluster(start(home, children)[1]).topics
    assert set(topics) == {*ALL_TOPICS, *map(dead_letter_topic, ALL_TOPICS)}
    assert {len(topic.partitions) for topic in topics.values()} == {4}


def test_no_two_starts_in_a_home_share_a_cluster_id(home, children):
    clusters = [cluster(start(home, children)[1]).cluster_id for _ in range(3)]
    assert len(set(clusters)) == 3
    assert (home.data / "clusters").read_text().split() == clusters


def test_a_cluster_id_that_was_used_before_is_not_taken_again():
    class UsedBefore(set):
        """Claims to hold the first id that it is asked for."""

        def __contains__(self, cluster_id):
            if not self:
                self.add(cluster_id)
            return super().__contains__(cluster_id)

    earlier = UsedBefore()
    alive, cluster_id, bootstrap = broker.start_cluster(earlier)
    assert cluster_id not in earlier
    assert cluster(bootstrap).cluster_id == cluster_id
    assert len(alive) == 2


def test_a_stopped_broker_ended_in_good_order(home, children):
    child, _ = start(home, children)
    os.kill(child.pid, signal.SIGTERM)
    child.stop()
    with pytest.raises(Exception, match="ended with exit code 0"):
        child.check()


async def test_headers_and_keys_survive_the_broker(home, children):
    _, bootstrap = start(home, children)
    headers = [("ce_id", b"1"), ("empty", b""), ("ce_id", b"2")]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    await producer.send_and_wait(CRIMES, b"value", key=b"key", partition=2, headers=headers)
    await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(CRIMES, 2)])
    record = await consumer.getone()
    await consumer.stop()
    assert (record.key, record.value, list(record.headers)) == (b"key", b"value", headers)


async def test_what_the_broker_no_longer_keeps_is_refused_and_its_offsets_say_so(home, children):
    _, bootstrap = start(home, children)
    await publish(bootstrap, CRIMES, [b"x" * 900_000] * 7)
    partition = TopicPartition(CRIMES, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="none")
    await consumer.start()
    try:
        assert (await consumer.beginning_offsets([partition]))[partition] == 2  # five of 900 kB fit in 5 MiB
        assert (await consumer.end_offsets([partition]))[partition] == 7
        consumer.assign([partition])
        consumer.seek(partition, 0)
        with pytest.raises(OffsetOutOfRangeError):
            await consumer.getone()
    finally:
        await consumer.stop()


async def test_records_behind_are_those_after_the_groups_commits(home, children):
    _, bootstrap = start(home, children)
    assert behind(bootstrap) == 0
    await publish(bootstrap, CRIMES, [b"1", b"2", b"3"])
    await publish(bootstrap, CALLS, [b"1"])
    await publish(bootstrap, ALERTS, [b"not for this group"])
    assert behind(bootstrap) == 4
    await commit(bootstrap, CRIMES, 2)
    assert behind(bootstrap) == 2
    await commit(bootstrap, CRIMES, 3)
    await commit(bootstrap, CALLS, 1)
    assert behind(bootstrap, seconds=30) == 0


async def test_waiting_for_a_group_can_be_given_up(home, children):
    _, bootstrap = start(home, children)
    await publish(bootstrap, CRIMES, [b"1"])
    asked = iter([False, False, True])
    assert behind(bootstrap, seconds=3600, give_up=lambda: next(asked)) == 1


def test_a_broker_that_is_gone_is_not_waited_for(home, children):
    child, bootstrap = start(home, children)
    child.stop()
    assert behind(bootstrap, seconds=3600) is None
