import os
import sys
import time

import pytest

from local.errors import LocalError
from local.supervision import processes
from local.supervision.children import Children
from local.supervision.processes import Child, ChildDied, Program

STOPS_POLITELY = """
import signal, sys
def stop(*_):
    with open(sys.argv[1], "a") as file: file.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
while True: signal.pause()
"""
IGNORES_SIGTERM = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
)


def ready():
    return None


def python(name, code, *arguments, not_ready=ready, **more):
    return Program(name, [sys.executable, "-u", "-c", code, *arguments], not_ready, **more)


@pytest.fixture
def children(tmp_path):
    children = Children(tmp_path)
    yield children
    children.stop(hurry=lambda: True)


def until_it_says(child, text):
    deadline = time.monotonic() + 20
    while text not in child.log.read_text():
        assert time.monotonic() < deadline, f"{child.log} never says {text!r}"
        time.sleep(0.02)


def until_it_ended(child):
    deadline = time.monotonic() + 20
    while child.running:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_childs_output_goes_to_its_log(children):
    child = children.start(python("talker", "import sys; print('out'); print('err', file=sys.stderr)"))
    until_it_ended(child)
    assert child.log.name == "talker.log"
    assert child.log.read_text() == "out\nerr\n"


def test_a_child_reads_its_own_environment_on_top_of_ours(children, monkeypatch):
    monkeypatch.setenv("OURS", "ours")
    monkeypatch.setenv("BOTH", "ours")
    code = "import os; print(os.environ['OURS'], os.environ['BOTH'])"
    child = children.start(python("reader", code, env={"BOTH": "its"}))
    until_it_says(child, "ours its")


def test_a_default_stands_where_our_environment_says_nothing(children, monkeypatch):
    monkeypatch.setenv("SAID", "ours")
    code = "import os; print(os.environ['SAID'], os.environ['UNSAID'])"
    child = children.start(python("reader", code, defaults={"SAID": "default", "UNSAID": "default"}))
    until_it_says(child, "ours default")


def test_waiting_ends_once_every_child_is_ready(children, tmp_path):
    place = tmp_path / "ready"
    code = "import sys, time, pathlib; time.sleep(0.3); pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    missing = lambda: None if place.exists() else "it sleeps"  # noqa: E731
    children.start(python("late", code, str(place), not_ready=missing))
    children.wait_until_ready()
    assert place.exists()


def test_a_child_that_dies_at_start_is_named_with_its_exit_code_and_last_words(children):
    children.start(python("broken", "import sys; print('no such setting'); sys.exit(3)", not_ready=lambda: "not yet"))
    with pytest.raises(ChildDied, match=r"(?s)broken ended with exit code 3.*broken\.log.*no such setting"):
        children.wait_until_ready()


def test_the_last_words_are_those_of_this_run(children):
    until_it_ended(children.start(python("again", "print('words of the first run')")))
    second = children.start(python("again", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    until_it_ended(second)
    with pytest.raises(ChildDied, match="again was ended by SIGKILL") as died:
        second.check()
    assert "words of the first run" not in str(died.value)


def test_another_childs_death_ends_the_waiting(children):
    children.start(python("slow", "import time; time.sleep(60)", not_ready=lambda: "still asleep"))
    children.start(python("doomed", "import sys; sys.exit(1)"))
    with pytest.raises(ChildDied, match="doomed ended with exit code 1"):
        children.wait_until_ready()


def test_a_child_that_is_never_ready_is_named_with_what_it_misses(children):
    children.start(
        python("idle", "import time; time.sleep(60)", not_ready=lambda: "Redis does not answer", start_seconds=0.2)
    )
    with pytest.raises(LocalError, match="idle is not ready after 0 s: Redis does not answer"):
        children.wait_until_ready()


def test_a_childs_death_is_noticed_while_watching(children):
    children.start(python("steady", "import time; time.sleep(60)"))
    children.start(python("brief", "import time; time.sleep(0.3)"))
    with pytest.raises(ChildDied, match="brief ended with exit code 0"):
        children.watch()


def test_children_stop_last_started_first(children, tmp_path):
    order = tmp_path / "order"
    for name in ("first", "second", "third"):
        until_it_says(children.start(python(name, STOPS_POLITELY, str(order), name)), "up")
    children.stop()
    assert order.read_text().split() == ["third", "second", "first"]


def test_what_must_happen_before_a_stop_is_told_of_running_children_only(children):
    until_it_ended(children.start(python("ended", "")))
    until_it_says(children.start(python("stays", STOPS_POLITELY, os.devnull, "x")), "up")
    told = []
    children.stop(before=lambda child: told.append(child.program.name))
    assert told == ["stays"]


def test_a_child_that_ignores_sigterm_is_killed_after_its_grace(children):
    child = children.start(python("stubborn", IGNORES_SIGTERM, grace_seconds=0.3))
    until_it_says(child, "up")
    children.stop()
    with pytest.raises(ChildDied, match="SIGKILL"):
        child.check()


def test_hurry_does_not_wait_for_the_grace(children):
    child = children.start(python("stubborn", IGNORES_SIGTERM, grace_seconds=600))
    until_it_says(child, "up")
    children.stop(hurry=lambda: True)
    assert not child.running


def test_ctrl_c_at_the_terminal_does_not_reach_a_child(children):
    child = children.start(python("apart", "import time; time.sleep(60)"))
    assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_a_log_that_grew_large_is_put_aside(tmp_path, children, monkeypatch):
    log = tmp_path / "talker.log"
    log.write_bytes(b"x" * (processes.KEPT_LOG_BYTES + 1))
    child = Child(python("talker", "print('fresh')"), log)
    until_it_ended(child)
    assert log.read_text() == "fresh\n"
    assert (tmp_path / "talker.log.1").stat().st_size > processes.KEPT_LOG_BYTES
