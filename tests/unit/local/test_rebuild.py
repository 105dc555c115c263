import pytest

from local.errors import LocalError
from local.home import Home
from local.rebuild import environment_of
from local.settings import LocalSettings
from tests.unit.local.test_home import ADDRESSES


def test_kafka_and_redis_that_are_named_need_no_running_stack(tmp_path):
    named = LocalSettings(home=tmp_path, kafka="kafka:9092", redis_url="redis://redis/0")
    assert environment_of(named) == {"OVERSIGHT_KAFKA": "kafka:9092", "OVERSIGHT_REDIS_URL": "redis://redis/0"}


def test_the_running_stack_says_where_they_are(tmp_path):
    home = Home(tmp_path)
    with home.lock(), home.publish(ADDRESSES):
        found = environment_of(LocalSettings(home=tmp_path))
    assert found == {"OVERSIGHT_KAFKA": ADDRESSES.kafka, "OVERSIGHT_REDIS_URL": ADDRESSES.redis}


def test_without_either_it_is_refused(tmp_path):
    with pytest.raises(LocalError, match="nothing runs in"):
        environment_of(LocalSettings(home=tmp_path, kafka="kafka:9092"))
