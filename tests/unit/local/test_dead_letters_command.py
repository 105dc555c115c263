"""What `oversight dead-letters` refuses before it asks Kafka for anything."""

import pytest
from typer.testing import CliRunner

from local import cli
from local.errors import LocalError
from shared.events.topics import CRIMES


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERSIGHT_HOME", str(tmp_path))
    monkeypatch.setenv("OVERSIGHT_KAFKA", "127.0.0.1:1")


def run(*words):
    return CliRunner().invoke(cli.commands, ["dead-letters", *words], catch_exceptions=False)


@pytest.mark.parametrize(
    "words",
    [(CRIMES,), (CRIMES, "0"), (CRIMES, "--all", "0", "1"), (CRIMES, "--all", "0")],
    ids=["neither", "a partition alone", "both", "a partition and all"],
)
def test_what_is_dropped_is_named_or_is_all(words):
    with pytest.raises(LocalError, match="name a partition and the offsets of the dead letters, or write --all"):
        run("drop", *words, "--because", "garbage")


def test_nothing_is_dropped_without_a_reason():
    assert run("drop", CRIMES, "--all").exit_code == 2
    with pytest.raises(LocalError, match="--because is empty"):
        run("drop", CRIMES, "--all", "--because", " ")


@pytest.mark.parametrize("words", [("show", "crimes", "0", "0"), ("resume", "crimes"), ("replay", "--topic", "crimes")])
def test_a_topic_that_is_none_is_named_with_those_that_are(words):
    with pytest.raises(LocalError, match=r"'crimes' is not a topic; known: oversight\.crimes, "):
        run(*words)


@pytest.mark.parametrize("words", [("list",), ("resume", CRIMES), ("drop", CRIMES, "--all", "--because", "x")])
def test_a_kafka_that_does_not_answer_is_named(words):
    with pytest.raises(LocalError, match=r"Kafka at 127\.0\.0\.1:1"):
        run(*words)
