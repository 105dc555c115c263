"""A part that is stopped or killed comes back on its port with its data, and none outlives the test run."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from redis import Redis

from shared.kafka import cluster_id
from tests.parts.kafka import Kafka
from tests.parts.postgres import Postgres
from tests.parts.process import PartError
from tests.parts.redis import RedisServer

ROOT = Path(__file__).parents[2]
ENDINGS = pytest.mark.parametrize("ending", ["stop", "kill"])


@ENDINGS
def test_an_append_only_redis_keeps_what_it_acknowledged(ending):
    with RedisServer(appendonly=True) as server:
        Redis.from_url(server.url).set("offset", 42)
        getattr(server, ending)()
        server.start()
        assert Redis.from_url(server.url).get("offset") == b"42"


@ENDINGS
@pytest.mark.usefixtures("real_stack")
async def test_kafka_keeps_its_records_and_its_cluster_id(ending):
    with Kafka() as kafka:
        before = await cluster_id(kafka.bootstrap)
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
            await producer.send_and_wait("restarts", b"kept", partition=0)
        getattr(kafka, ending)()
        kafka.start()
        async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest") as consumer:
            consumer.assign([TopicPartition("restarts", 0)])
            assert (await consumer.getone()).value == b"kept"
        assert await cluster_id(kafka.bootstrap) == before


@ENDINGS
@pytest.mark.usefixtures("real_stack")
def test_postgresql_keeps_what_it_committed(ending):
    with Postgres() as server:
        address = {"host": "127.0.0.1", "port": server.port, "user": "oversight", "dbname": "postgres"}
        with psycopg.connect(**address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        getattr(server, ending)()
        server.start()
        with psycopg.connect(**address) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_part_that_cannot_start_shows_its_log():
    server = RedisServer(binary="/bin/ls")
    try:
        with pytest.raises(PartError, match=r"redis exited with 2 at start(.|\n)*unrecognized option"):
            server.start()
    finally:
        server.close()


def test_a_part_dies_with_the_process_that_started_it():
    starts = (
        "from tests.parts.redis import RedisServer as R; r = R().start(); print(r.pid, r.home, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starts], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    child, home = parent.stdout.readline().split()
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 10
    while is_running(int(child)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(int(child))
    shutil.rmtree(home)


def is_running(pid: int) -> bool:
    """Also False for a process that ended and was not yet waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
