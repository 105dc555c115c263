"""What is built, read or asked in one place only."""

import re

import pytest

from shared.events.topics import ALL_TOPICS
from tests.architecture.house import modules, sample

EVERYWHERE = ("services", "shared", "local")
TOPIC = re.compile(rf"\b({'|'.join(map(re.escape, ALL_TOPICS))})\b")
REDIS_KEY = re.compile(r"\boversight:[\w{]")
ENVIRONMENT = re.compile(r"\bos\.(environ|environb|getenv|putenv)\b")
CLOCK = re.compile(
    r"\b(datetime|date)\.(now|utcnow|today)$|\btime\.(time|time_ns|localtime|gmtime|ctime|strftime)$|\btime_ns$"
)
CLOCK_IMPORTS = re.compile(r"^time\.(time|time_ns|localtime|gmtime|ctime|strftime)$")
ENVIRONMENT_IMPORTS = re.compile(r"^os\.(environ|getenv)$")


def topic_names(module):
    return [text for text in module.strings() if TOPIC.search(text)]


def redis_keys(module):
    return [text for text in module.strings() if REDIS_KEY.search(text)]


def environment_readings(module):
    return [
        *filter(ENVIRONMENT.search, module.names()),
        *filter(ENVIRONMENT_IMPORTS.search, module.imports()),
    ]


def clock_readings(module):
    return [*filter(CLOCK.search, module.names()), *filter(CLOCK_IMPORTS.search, module.imports())]


RULES = {
    "topic names stand in shared.events.topics": (topic_names, lambda name: name == "shared.events.topics"),
    "Redis keys stand in services.metrics.store.keys": (redis_keys, lambda name: name == "services.metrics.store.keys"),
    "the environment is read by settings, and by the launcher for its children": (
        environment_readings,
        lambda name: name.endswith(".settings") or name.startswith("local."),
    ),
    "the time is read from shared.clock": (clock_readings, lambda name: name == "shared.clock"),
}


@pytest.mark.parametrize("rule", RULES)
def test_this_stands_in_its_place_alone(rule):
    find, at_home = RULES[rule]
    breaches = [f"{module.name}: {found}" for module in modules(*EVERYWHERE) for found in find(module)]
    assert [breach for breach in breaches if not at_home(breach.partition(":")[0])] == []


@pytest.mark.parametrize("rule", list(RULES)[:2] + list(RULES)[3:])
def test_each_place_is_in_use(rule):
    find, at_home = RULES[rule]
    assert any(find(module) for module in modules(*EVERYWHERE) if at_home(module.name))


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (topic_names, 'TOPICS = ["oversight.crimes"]'),
        (topic_names, 'dead = f"oversight.calls.dlq-{n}"'),
        (redis_keys, 'key = "oversight:rules"'),
        (redis_keys, 'key = "oversight:{crimes-3}"'),
        (environment_readings, "import os\nhome = os.environ['HOME']"),
        (environment_readings, "import os\nhome = os.getenv('HOME')"),
        (environment_readings, "from os import environ"),
        (clock_readings, "from datetime import datetime, UTC\nnow = datetime.now(UTC)"),
        (clock_readings, "import datetime\nday = datetime.date.today()"),
        (clock_readings, "import time\nstamp = int(time.time() * 1000)"),
        (clock_readings, "from time import time"),
    ],
)
def test_these_rules_find_what_breaks_them(find, text):
    assert find(sample(text))


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (topic_names, '"""Reads oversight.crimes."""'),
        (topic_names, 'group = "oversight.metrics"'),
        (redis_keys, 'print("oversight: no such command")'),
        (environment_readings, "self._environment()"),
        (clock_readings, "began = time.perf_counter(); loop.time(); clock.now(); clock.today()"),
    ],
)
def test_these_rules_let_pass_what_is_right(find, text):
    assert not find(sample(text))
