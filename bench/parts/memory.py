"""Redis memory of a record's state at the density of a full deployment, which a short log does not reach."""

import os

import redis
from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.metrics.consumer import fingerprints, layouts
from services.metrics.facts import Facts
from services.metrics.states import DIGEST_BYTES
from services.metrics.steps import Change, work_out
from services.metrics.store import Projection
from shared.clock import Clock
from shared.events import Crime, topics
from shared.reference import reference

RECORDS = 11_200_000  # London, 2010 to 2024
PARTITIONS = 4
SHARDS = 65_536
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
    known = reference()
    by_topic = layouts(known)
    facts = Facts(known, {each.kind: each for each in by_topic.values() if each})
    crime = Crime(crime_id="1", status="recorded", recorded_on="2017-06-30", area="E09000007", offence="common-assault")
    store, place = Projection(client, fingerprints(by_topic), Clock()), TopicPartition(topics.CRIMES, 0)
    position = await store.move(place, None, "bench", 0)
    each, contributions, before = RECORDS // PARTITIONS // SHARDS, facts.of(crime), await used(client)
    for step in range(each):
        # A digest begins with its shard; the rest is as good as random.
        digests = [shard.to_bytes(2) + os.urandom(DIGEST_BYTES - 2) for shard in range(SHARDS_MEASURED)]
        changes = [Change(digest, "bench", 1, contributions) for digest in digests]
        written = work_out(changes, {}, by_topic[topics.CRIMES])
        position = await store.commit(place, position, step + 1, written)
    return (await used(client) - before) / (each * SHARDS_MEASURED), each
