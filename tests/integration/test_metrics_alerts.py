"""Each alert is raised once and cleared once, whoever is killed at whatever moment, and however many watch."""

import asyncio
import random
from collections import Counter

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.metrics.rules import Incident
from services.metrics.store import Incidents, connect
from shared.events import Crime, decode, topics
from tests.integration.metrics import Metrics, eventually, publishing, unique

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
clears = 5
datasets = ["{dataset}"]

[[rule]]
kind = "signal"
id = "burglary-signal"
title = "Burglary has really risen"
owner = "MPS"
measure = "total-burglary"
points = 12
datasets = ["{dataset}"]
"""
ROUNDS = 3
RULES = {"burglary-rising": "a"}
MONTHS = [f"2016-{month:02d}" for month in range(6, 13)] + [f"2017-{month:02d}" for month in range(1, 6)]


def burglaries(dataset, prefix, number, day, **fields):
    known = {"status": "recorded", "recorded_on": day, "area": "E09000007", "offence": "domestic-burglary"}
    return [Crime(crime_id=f"{prefix}{n}", dataset=dataset, **(known | fields)) for n in range(number)]


def level(dataset):
    """A year of ten or so burglaries a month, and ten in June 2017."""
    months = [burglaries(dataset, f"{month}-", 10 + n % 3, f"{month}-15") for n, month in enumerate(MONTHS)]
    return [each for month in months for each in month] + burglaries(dataset, "june-", 10, "2017-06-30")


def rise(dataset, round_number, **fields):
    """Thirty more in June 2017, or the same cancelled."""
    return burglaries(dataset, f"rise-{round_number}-", 30, "2017-06-30", **fields)


async def told(kafka, dataset):
    """Every alert of the dataset, as often as it stands in the topic."""
    found = []
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        places = [
            TopicPartition(topics.ALERTS, n) for n in sorted(consumer.partitions_for_topic(topics.ALERTS) or range(4))
        ]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [decode(topics.ALERTS, record.value) for record in records]
    return [each for each in found if each.dataset == dataset]


def states(alerts, rule):
    """What has been told of a rule, each id once: incident by incident, as (number, state)."""
    ids = {each.alert_id: each for each in alerts if each.rule == rule}
    return sorted((int(each.incident_id.rpartition("-")[2]), each.state == "cleared") for each in ids.values())


def expected(rounds, is_open):
    pairs = [(number, cleared) for number in range(1, rounds + 1) for cleared in (False, True)]
    return pairs[:-1] if is_open else pairs


async def comes_to(kafka, dataset, rounds, is_open):
    async def as_expected():
        alerts = await told(kafka, dataset)
        return all(states(alerts, rule) == expected(rounds, is_open) for rule in ("burglary-rising", "burglary-signal"))

    await eventually(as_expected)


async def rounds_of(publish, kafka, dataset, disturb):
    """Raise and clear the alerts some times over, with a disturbance at a random moment after each change."""
    for number in range(1, ROUNDS + 1):
        for is_open, fields in ((True, {}), (False, {"revision": 2, "status": "cancelled"})):
            await publish(rise(dataset, number, **fields))
            await disturb()
            await comes_to(kafka, dataset, number, is_open)


def assert_told_the_same(alerts):
    """What stands there more than once is the same, to the figure and the second."""
    for alert_id in {each.alert_id for each in alerts}:
        (first, *others) = [each for each in alerts if each.alert_id == alert_id]
        assert all(each == first for each in others)


@pytest.fixture
def rules(tmp_path):
    dataset = unique("alerts")
    (tmp_path / "rules.toml").write_text(RULE.format(dataset=dataset))
    return dataset, tmp_path / "rules.toml"


async def test_alerts_come_once_though_the_service_is_killed_at_random_moments(parts, redis_url, rules):
    dataset, path = rules
    chance = random.Random(dataset)
    async with publishing(parts.bootstrap) as publish:
        with Metrics(parts, rules_file=path, rules_seconds=0.2) as metrics:
            await publish(level(dataset))
            await metrics.caught_up()

            async def kill():
                await asyncio.sleep(chance.uniform(0, 1.5))
                metrics.kill()
                metrics.start()

            await rounds_of(publish, parts.bootstrap, dataset, kill)
    assert_told_the_same(await told(parts.bootstrap, dataset))


async def test_alerts_come_once_from_three_instances_of_which_one_is_killed_now_and_then(
    parts, redis_url, rules, real_stack
):
    dataset, path = rules
    chance, settings = random.Random(dataset), {"rules_file": path, "rules_seconds": 0.2}
    with Metrics(parts, **settings) as one:
        shared = {"group": one.group, "database_url": one.database_url, **settings}
        with Metrics(parts, **shared) as two, Metrics(parts, **shared) as three:
            async with publishing(parts.bootstrap) as publish:
                await publish(level(dataset))
                await one.caught_up()

                async def kill():
                    await asyncio.sleep(chance.uniform(0, 1.5))
                    victim = chance.choice([one, two, three])
                    victim.kill()
                    victim.start()

                await rounds_of(publish, parts.bootstrap, dataset, kill)
    assert_told_the_same(await told(parts.bootstrap, dataset))


async def test_three_instances_that_nobody_kills_tell_each_alert_in_one_message(parts, redis_url, rules, real_stack):
    dataset, path = rules
    settings = {"rules_file": path, "rules_seconds": 0.2}
    with Metrics(parts, **settings) as one:
        shared = {"group": one.group, "database_url": one.database_url, **settings}
        with Metrics(parts, **shared), Metrics(parts, **shared):
            async with publishing(parts.bootstrap) as publish:
                await publish(level(dataset))
                await one.caught_up()
                await rounds_of(publish, parts.bootstrap, dataset, lambda: asyncio.sleep(0))
                await asyncio.sleep(2)
    messages = Counter(each.alert_id for each in await told(parts.bootstrap, dataset))
    assert len(messages) == 2 * 2 * ROUNDS
    assert set(messages.values()) == {1}


async def test_a_rolling_deployment_clears_once_what_the_new_rules_lack_and_touches_nothing_else(
    parts, redis_url, tmp_path, real_stack
):
    dataset, old, new = unique("alerts"), tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(RULE.format(dataset=dataset))
    new.write_text(RULE.format(dataset=dataset).partition("[[rule]]\nkind")[0])

    async def signal_told():
        return states(await told(parts.bootstrap, dataset), "burglary-signal")

    async def is_cleared():
        return await signal_told() == [(1, False), (1, True)]

    with Metrics(parts, rules_file=old, rules_seconds=0.2) as one:
        shared = {"group": one.group, "database_url": one.database_url, "rules_seconds": 0.2}
        with Metrics(parts, rules_file=old, **shared) as two, Metrics(parts, rules_file=new, **shared) as three:
            async with publishing(parts.bootstrap) as publish:
                three.kill()
                await publish([*level(dataset), *rise(dataset, 1)])
                await comes_to(parts.bootstrap, dataset, 1, is_open=True)
            three.start()
            for each in (one, three, two):  # so that each has the turn now and then
                each.kill()
                await asyncio.sleep(3)
                each.start()
            assert await signal_told() == [(1, False)]
            one.kill()
            two.kill()
            await eventually(is_cleared)
    assert states(await told(parts.bootstrap, dataset), "burglary-rising") == [(1, False)]


async def test_one_process_at_a_time_has_the_turn_and_a_silent_one_loses_it(parts, redis_url):
    redis = connect(redis_url)
    one, other = Incidents(redis, believed_seconds=0.3), Incidents(redis, believed_seconds=0.3)
    assert (await one.turn(RULES, is_counting=False)).is_mine
    assert not (await other.turn(RULES, is_counting=False)).is_mine
    assert await one.keep("rule/live", None, Incident(1, open=True))
    assert not await other.keep("rule/live", Incident(1, open=True), Incident(1))
    await asyncio.sleep(0.4)
    assert (await other.turn(RULES, is_counting=False)).is_mine
    assert not await one.keep("rule/live", Incident(1, open=True), Incident(1))
    assert await other.keep("rule/live", Incident(1, open=True), Incident(1, streak=1))
    assert not await other.keep("rule/live", Incident(1, open=True), Incident(1))  # it stands at another
    assert await other.all() == {"rule/live": Incident(1, streak=1)}
    await redis.aclose()


async def test_a_process_that_still_counts_keeps_all_from_resting_until_it_has_been_silent(parts, redis_url):
    redis = connect(redis_url)
    one, other = Incidents(redis, believed_seconds=0.3), Incidents(redis, believed_seconds=0.3)
    assert not (await other.turn(RULES, is_counting=True)).all_rest
    assert not (await one.turn(RULES, is_counting=False)).all_rest
    assert (await other.turn(RULES, is_counting=False)).all_rest
    await other.turn(RULES, is_counting=True)
    await asyncio.sleep(0.4)
    assert (await one.turn(RULES, is_counting=False)).all_rest
    await redis.aclose()


async def test_a_process_with_other_rules_is_known_by_them_until_it_has_been_silent(parts, redis_url):
    redis, others = connect(redis_url), {"burglary-rising": "b"}
    one, other = Incidents(redis, believed_seconds=0.3), Incidents(redis, believed_seconds=0.3)
    await other.turn(others, is_counting=False)
    assert (await one.turn(RULES, is_counting=False)).other_rules == [others]
    assert (await other.turn(others, is_counting=False)).other_rules == [RULES]
    await asyncio.sleep(0.4)
    assert (await one.turn(RULES, is_counting=False)).other_rules == []
    assert await one.all() == {}
    await redis.aclose()


async def test_what_was_remembered_before_there_were_turns_is_read(parts, redis_url):
    redis = connect(redis_url)
    await redis.hset("oversight:rules", "rule/live", '{"number":3,"open":false,"series":"s"}')
    incidents = Incidents(redis)
    assert await incidents.all() == {"rule/live": Incident(3, series="s")}
    await incidents.turn(RULES, is_counting=False)
    assert await incidents.keep("rule/live", Incident(3, series="s"), Incident(4, open=True, series="s"))
    assert await incidents.keep("rule/live", Incident(4, open=True, series="s"), Incident(4, series="s"))
    await redis.aclose()
