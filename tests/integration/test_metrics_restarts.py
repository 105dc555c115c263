"""Counts and alerts stand, whatever is stopped and started while records come in."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.metrics.store import connect
from shared.events import Crime, decode, topics
from tests.integration.metrics import Metrics, eventually, publishing, something_counted, unique
from tests.parts.redis import RedisServer

JUNE = {"window": "month", "end": "2017-06-30"}
TOTAL, BURGLARY = "total-notifiable-offences", "total-burglary"


def burglaries(dataset, numbers, **fields):
    known = {"status": "recorded", "recorded_on": "2017-06-30", "area": "E09000007", "offence": "domestic-burglary"}
    return [Crime(crime_id=f"c{n}", dataset=dataset, **(known | fields)) for n in numbers]


def story(dataset, numbers):
    """Crimes that are recorded, sent twice, a third of them reclassified and a tenth cancelled; out of order."""
    return [
        *burglaries(dataset, [n for n in numbers if n % 3 == 0], revision=2, offence="arson"),
        *burglaries(dataset, numbers),
        *burglaries(dataset, [n for n in numbers if n % 10 == 0], revision=3, status="cancelled"),
        *burglaries(dataset, numbers),
    ]


def truth(number):
    """Crimes and burglaries of `story` on range(number)."""
    kept = [n for n in range(number) if n % 10]
    return len(kept), len([n for n in kept if n % 3])


async def assert_exact(metrics, dataset, number):
    crimes, remaining = truth(number)
    await metrics.counts(TOTAL, dataset, crimes, **JUNE)
    await metrics.counts(BURGLARY, dataset, remaining, **JUNE)


async def test_a_crash_in_the_middle_of_a_load_leaves_the_counts_the_same(parts, redis_url):
    dataset = unique("crash")
    async with publishing(parts.bootstrap) as publish:
        with Metrics(parts, batch_records=50) as metrics:
            await publish(story(dataset, range(500)))
            await something_counted(metrics, dataset, measure=TOTAL, **JUNE)
            metrics.kill()
            await publish(story(dataset, range(500, 1000)))
            metrics.start()
            await assert_exact(metrics, dataset, 1000)
            metrics.restart()
            await assert_exact(metrics, dataset, 1000)


@pytest.mark.parametrize("appendonly", [True, False], ids=["keeps its data", "loses its data"])
async def test_a_redis_that_stops_and_starts_again_leaves_the_counts_the_same(parts, appendonly):
    dataset = unique("redis")
    with (
        RedisServer(appendonly=appendonly, binary=parts._redis_binary()) as redis,
        Metrics(parts, redis.url) as metrics,
    ):
        async with publishing(parts.bootstrap) as publish:
            await publish(story(dataset, range(300)))
            await assert_exact(metrics, dataset, 300)
            redis.stop()
            await publish(story(dataset, range(300, 600)))
            assert metrics.ask("/livez").status_code == 200
            assert "redis" in str(metrics.ask("/readyz").json())
            refused = metrics.ask("/v1/compare", measure=BURGLARY)
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
            redis.start()
            await assert_exact(metrics, dataset, 600)


async def test_two_instances_share_the_load_and_one_that_stops_leaves_the_counts_exact(parts, redis_url, real_stack):
    dataset = unique("shared")
    with Metrics(parts, batch_records=50) as one, Metrics(parts, group=one.group, batch_records=50) as other:
        async with publishing(parts.bootstrap) as publish:
            await publish(story(dataset, range(500)))
            await something_counted(one, dataset, measure=TOTAL, **JUNE)
            other.stop()
            await publish(story(dataset, range(500, 1000)))
            await assert_exact(one, dataset, 1000)


RULE = """
[[rule]]
id = "burglary-rising"
title = "Burglary is rising"
owner = "MPS"
measure = "total-burglary"
window = "month"
figure = "percent_change"
is = "above"
threshold = 10
datasets = ["{dataset}"]
"""


async def test_an_alert_is_raised_once_and_cleared_once_though_the_service_is_killed_in_between(
    parts, redis_url, tmp_path
):
    dataset, rules = unique("alert"), tmp_path / "rules.toml"
    rules.write_text(RULE.format(dataset=dataset))
    async with publishing(parts.bootstrap) as publish:
        with Metrics(parts, rules_file=rules, rules_seconds=0.2) as metrics:
            await publish(burglaries(dataset, range(10), recorded_on="2016-06-30"))
            await metrics.caught_up()
            await publish(burglaries(dataset, range(10, 30)))
            await eventually(lambda: told(parts.bootstrap, dataset, ["raised"]))
            metrics.kill()
            metrics.start()
            await evaluated_after(publish, metrics, burglaries(dataset, [30]))
            assert await told(parts.bootstrap, dataset, ["raised"])
            await publish(burglaries(dataset, range(10, 30), revision=2, status="cancelled"))
            await eventually(lambda: told(parts.bootstrap, dataset, ["raised", "cleared"]))
            metrics.kill()
            metrics.start()
            await evaluated_after(publish, metrics, burglaries(dataset, [31]))
            assert await told(parts.bootstrap, dataset, ["raised", "cleared"])


async def evaluated_after(publish, metrics, records):
    """Returns once the service, just started, has evaluated its rules with `records` counted."""
    await publish(records)
    await metrics.caught_up()

    async def evaluated():
        lines = metrics.ask("/metrics").text.splitlines()
        counters = dict(line.rsplit(" ", 1) for line in lines if line.startswith("oversight_metrics_rule"))
        return float(counters["oversight_metrics_rule_evaluations_total"]) > 0

    await eventually(evaluated)


async def told(kafka, dataset, states):
    """Whether one incident of the dataset has been told, in these states, each under one id however often it came."""
    found = []
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        places = [TopicPartition(topics.ALERTS, n) for n in range(4)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [decode(topics.ALERTS, record.value) for record in records]
    alerts = {each.alert_id: each for each in found if each.dataset == dataset}
    assert len({each.incident_id for each in alerts.values()}) <= 1
    return [each.state for each in alerts.values()] == states


async def test_connections_that_were_idle_while_redis_restarted_are_made_anew(parts):
    with RedisServer(binary=parts._redis_binary()) as server:
        redis = connect(server.url)
        for _ in range(2):
            assert await asyncio.gather(*(redis.ping() for _ in range(5))) == [True] * 5
            server.restart()
        await redis.aclose()
