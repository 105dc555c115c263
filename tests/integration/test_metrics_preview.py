"""`oversight rules preview` on counts in Redis, as a command of its own."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from services.metrics.consumer import layouts, readers
from services.metrics.projector import Projector
from services.metrics.store import Projection, Reader, connect
from shared.clock import FixedClock
from shared.events import CrimeCount, record_message, topics
from shared.reference import reference

CLOCK = FixedClock(datetime(2017, 7, 5, tzinfo=UTC))
RULES = """
[[rule]]
id = "burglary-rising"
title = "Burglary is rising"
owner = "MPS"
measure = "total-burglary"
window = "month"
figure = "percent_change"
is = "above"
threshold = 10
"""


@pytest.fixture
async def counted(redis_url):
    """Burglaries that rise by a half in March 2017, and fall back in May."""
    redis = connect(redis_url)
    projector = Projector(Projection(redis, CLOCK), readers(reference()), None, CLOCK)
    months = {f"2016-{month:02d}": 100 for month in range(1, 7)} | {f"2017-{month:02d}": 100 for month in range(1, 7)}
    counts = months | {"2017-03": 150, "2017-04": 150}
    records = [
        CrimeCount(area="E09000007", offence="domestic-burglary", month=month, count=count, dataset="history")
        for month, count in counts.items()
    ]
    messages = [record_message(each, "tests")[1:3] for each in records]
    log = [SimpleNamespace(key=key, value=value, offset=n) for n, (key, value) in enumerate(messages)]
    partition = TopicPartition(topics.CRIME_COUNTS, 0)
    await projector.start_at(partition, "here", 0, len(log))
    await projector.apply(partition, log)
    assert await Reader(redis, layouts(reference())).datasets() == ["history"]
    await redis.aclose()
    return redis_url


@pytest.fixture
def run(counted, tmp_path):
    (tmp_path / "rules.toml").write_text(RULES)

    def preview(*arguments, rules="rules.toml"):
        environment = os.environ | {"OVERSIGHT_REDIS_URL": counted, "OVERSIGHT_KAFKA": "127.0.0.1:1"}
        oversight = [sys.executable, "-c", "from local.cli import app; app()"]
        command = [*oversight, "rules", "preview", str(tmp_path / rules), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return preview


async def test_the_preview_names_the_weeks_in_which_a_rule_would_have_been_raised_and_cleared(run):
    done = run("--from", "2017-01-01", "--to", "2017-07-02", "--dataset", "history", "--json")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["period"], each["state"]) for each in told] == [
        ({"from": "2017-03-27", "to": "2017-04-02"}, "raised"),
        ({"from": "2017-05-29", "to": "2017-06-04"}, "cleared"),
    ]
    assert (told[0]["value"], told[0]["baseline"], told[0]["percent_change"]) == (150, 100, 50.0)
    assert told[0]["window"] == {"from": "2017-03-01", "to": "2017-03-31"}


async def test_the_preview_is_readable_and_says_so_where_nothing_would_have_fired(run):
    raised = run("--from", "2017-01-01", "--to", "2017-07-02", "--dataset", "history")
    assert "2017-03-27 to 2017-04-02  raised   burglary-rising  history  London: Total Burglary" in raised.stdout
    quiet = run("--from", "2017-01-01", "--to", "2017-03-01", "--dataset", "history")
    assert (quiet.returncode, quiet.stdout) == (0, "no rule would have fired between 2017-01-01 and 2017-03-01\n")
    assert "note:" not in quiet.stderr


async def test_the_preview_says_which_rules_had_nothing_to_look_at(run):
    empty = run("--from", "2017-01-01", "--to", "2017-07-02", "--dataset", "histroy")
    assert "note: rule 'burglary-rising': the dataset 'histroy' holds nothing of total-burglary" in empty.stderr
    assert "no rule would have fired" in empty.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "2017-07-01", "--to", "2017-01-01"], "--from"),
        (["--from", "2017-01-01", "--every", "year"], "--every: 'year'"),
        (["--from", "yesterday"], "--from"),
        (["--from", "2017-01-01", "--to", "2999-12-31"], "--to: 2999-12-31 is not over"),
        ([], "--from"),
    ],
)
async def test_what_cannot_be_replayed_is_refused(run, arguments, told):
    done = run(*arguments)
    assert done.returncode != 0
    assert told in done.stderr


async def test_rules_that_cannot_be_read_are_refused(run, tmp_path):
    (tmp_path / "wrong.toml").write_text(RULES.replace("total-burglary", "total-burglry"))
    wrong = run("--from", "2017-01-01", rules="wrong.toml")
    assert wrong.returncode == 1
    assert "Total Burglary" in wrong.stderr
    absent = run("--from", "2017-01-01", rules="none.toml")
    assert absent.returncode == 1
    assert "none.toml" in absent.stderr
