"""Each part of either stack does what the services need of it."""

from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from redis.asyncio import Redis
from sqlalchemy import create_engine, text


async def test_a_record_is_consumed_with_the_key_value_and_headers_it_was_produced_with(parts):
    topic = f"parts-{uuid4().hex}"
    headers = [("ce_type", b"crime"), ("empty", b""), ("ce_type", "second é".encode())]
    async with AIOKafkaProducer(bootstrap_servers=parts.bootstrap, acks="all") as producer:
        sent = await producer.send_and_wait(topic, b"value", key=b"a/demo/1", headers=headers, partition=3)
    async with AIOKafkaConsumer(topic, bootstrap_servers=parts.bootstrap, auto_offset_reset="earliest") as consumer:
        got = await consumer.getone()
    assert (got.partition, got.offset) == (3, sent.offset)
    assert (got.key, got.value, list(got.headers)) == (b"a/demo/1", b"value", headers)


async def test_a_new_topic_has_four_partitions(parts):
    async with AIOKafkaProducer(bootstrap_servers=parts.bootstrap) as producer:
        assert await producer.partitions_for(f"parts-{uuid4().hex}") == {0, 1, 2, 3}


async def test_redis_runs_a_lua_script_that_reads_and_writes(redis_url):
    async with Redis.from_url(redis_url) as client:
        script = "local was = redis.call('GET', KEYS[1]); redis.call('SET', KEYS[1], ARGV[1]); return was"
        await client.set("{0}:offset", "41")
        assert await client.eval(script, 1, "{0}:offset", "42") == b"41"
        assert await client.get("{0}:offset") == b"42"


async def test_each_test_finds_redis_empty(redis_url):
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0


def test_two_databases_of_one_name_are_apart(parts):
    first, second = (create_engine(parts.database_url("board")) for _ in range(2))
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE action (number INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO action VALUES (7)"))
        assert connection.execute(text("SELECT number FROM action")).scalars().all() == [7]
    with second.begin() as connection:
        connection.execute(text("CREATE TABLE action (number INTEGER PRIMARY KEY)"))
        assert connection.execute(text("SELECT number FROM action")).scalars().all() == []
