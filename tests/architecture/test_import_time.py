"""Importing a module does nothing: no connection, no file written, no process, no thread, no environment needed."""

import subprocess
import sys

import pytest

from tests.architecture.house import ROOT, modules

# Run in a process of its own: an audit hook cannot be taken off again. After the imports it names each forbidden
# thing that was done, with the module that did it.
WATCH = """
import importlib, sys, threading
FORBIDDEN = {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.fork",
             "os.remove", "os.mkdir", "os.rename", "sqlite3.connect", "asyncio.run"}
importing, done = "", set()
def watch(event, arguments):
    if event in FORBIDDEN or (event == "open" and set(str(arguments[1] or "")) & set("wax+")):
        if not str(arguments[0]).endswith((".pyc", "__pycache__")) and ".pyc." not in str(arguments[0]):
            done.add(f"{importing}: {event} {arguments[0]!r}")
sys.addaudithook(watch)
sys.dont_write_bytecode = True
sys.path[:0] = sys.argv[1].split(":")
for importing in sys.argv[2:]:
    before = threading.active_count()
    importlib.import_module(importing)
    if threading.active_count() > before:
        done.add(f"{importing}: a thread")
print(*sorted(done), sep="\\n")
"""


def done_by_importing(names, *folders):
    """What importing these modules does, in a process whose environment is empty."""
    path = ":".join(map(str, [ROOT, *folders]))
    command = [sys.executable, "-c", WATCH, path, *names]
    ran = subprocess.run(command, env={}, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return list(filter(None, ran.stdout.splitlines()))


def test_importing_the_whole_project_does_nothing():
    names = [each.name for each in modules("services", "shared", "local") if not each.name.endswith("__main__")]
    assert len(names) > 100
    assert done_by_importing(names) == []


@pytest.mark.parametrize(
    "text",
    [
        "import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))",
        "import subprocess\nsubprocess.run(['true'])",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
        "open(__file__ + '.log', 'w').close()",
        "import sqlite3\nsqlite3.connect(':memory:')",
    ],
)
def test_an_import_that_does_something_is_found(tmp_path, text):
    (tmp_path / "eager.py").write_text(text)
    assert done_by_importing(["eager"], tmp_path)


def test_an_import_that_needs_the_environment_fails(tmp_path):
    (tmp_path / "needy.py").write_text("import os\nos.environ['OVERSIGHT_KAFKA']")
    with pytest.raises(AssertionError, match="KeyError"):
        done_by_importing(["needy"], tmp_path)
