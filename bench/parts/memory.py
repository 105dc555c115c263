"""Redis memory: what is used, and a record's state at the density of a full deployment, which no log here reaches."""

import os

import msgspec
import redis
from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.consumer import readers
from services.metrics.states import FIELD_BYTES, SHARD_BYTES, SHARDS
from services.metrics.steps import NOTHING
from services.metrics.store import Projection
from shared.clock import Clock
from shared.events import Crime, topics
from shared.reference import reference

RECORDS = 11_200_000  # London, 2010 to 2024
PARTITIONS = 4
SHARDS_MEASURED = 256


def used_at(url: str) -> int:
    """Bytes, of the Redis at that URL."""
    with redis.Redis.from_url(url) as client:
        return int(client.info("memory")["used_memory"])


async def used(client: Redis) -> int:
    """Bytes."""
    return int((await client.info("memory"))["used_memory"])


async def bytes_a_record(client: Redis) -> tuple[float, int]:
    """Writes some shards of a partition as full as they are at `RECORDS`; also how many records a shard that is."""
    await client.flushall()
    crime = Crime(crime_id="1", status="recorded", recorded_on="2017-06-30", area="E09000007", offence="common-assault")
    states, _, _ = readers(reference())[topics.CRIMES].of([msgspec.json.encode(crime)])
    store, place = Projection(client, Clock()), TopicPartition(topics.CRIMES, 0)
    position = await store.move(place, await store.position(place), "bench", 0)
    each, before = RECORDS // PARTITIONS // SHARDS, await used(client)
    for number in range(each):
        # A name begins with its shard; the rest is as good as random.
        names = b"".join(shard.to_bytes(SHARD_BYTES) + os.urandom(FIELD_BYTES) for shard in range(SHARDS_MEASURED))
        step = NOTHING._replace(names=names, states=states.tobytes() * SHARDS_MEASURED)
        position = await store.commit(place, position, number + 1, step)
    return (await used(client) - before) / (each * SHARDS_MEASURED), each
