"""Imports that are stopped in their middle: by Ctrl-C, by a kill, by an ingest that goes away. The next goes on."""

import json
import signal
import subprocess
import sys

import pytest

from local.home import Home
from local.settings import load_settings
from tests.unit.importers.test_commands import Ingest, identities, run, taken

__all__ = ["taken"]  # the fixture
CLASSES = (
    "Arson",
    "Rape",
    "Shoplifting",
    "Bicycle theft",
    "Other theft",
    "Homicide",
    "Criminal damage",
    "Violent disorder",
)
MONTHS = [f"{year}{month:02d}" for year in range(2011, 2021) for month in range(1, 13)]
STRETCH = 20_000


@pytest.fixture
def file(tmp_path, reference):
    """A borough file of 31,680 counts: more than a stretch."""
    boroughs = [area.name for area in reference.areas if area.kind == "borough"]
    rows = [f"X,{each},{borough},{','.join('1' * len(MONTHS))}" for each in CLASSES for borough in boroughs]
    path = tmp_path / "boroughs.csv"
    path.write_text("\n".join([f"MajorText,MinorText,BoroughName,{','.join(MONTHS)}", *rows, ""]))
    return path


def start(*arguments):
    command = [sys.executable, "-c", "from local.cli import app; app()", "import", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stopping(child, number):
    """Sends the child a signal instead of answering the fifth request, the first of the second stretch."""

    def disturb(_request):
        if Ingest.requests == 5:
            child[0].send_signal(number)
        return Ingest.requests >= 5

    return disturb


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_import_that_was_stopped_goes_on_where_it_was(number, code, taken, file, tmp_path):
    child = []
    Ingest.disturb = staticmethod(stopping(child, number))
    child.append(start("datastore", file))
    said = child[0].communicate(timeout=120)[1]
    assert child[0].returncode == code
    if number == signal.SIGINT:
        assert f"interrupted; the same command goes on after the first {STRETCH:,} records" in said
    Ingest.disturb = None
    before = len(taken)
    result = run("datastore", file, "--report", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert (result.exit_code, report["resumed_after"]) == (0, STRETCH)
    assert report["accepted"] == {"crime-counts": 31_680}
    assert len(taken) - before == 31_680 - STRETCH
    assert len(set(identities(taken))) == 31_680
    assert f"went on after {STRETCH:,}" in result.output
    assert list((Home(load_settings().home).data / "imports").iterdir()) == []


def refusing(request):
    if Ingest.requests <= 4:
        return False
    request.send_error(500)
    return True


def test_an_ingest_that_refuses_ends_the_import_and_restart_begins_it_anew(taken, file, tmp_path):
    Ingest.disturb = staticmethod(refusing)
    result = run("datastore", file)
    assert result.exit_code == 1
    assert f"the same command goes on after the first {STRETCH:,} records" in str(result.exception)
    Ingest.disturb = None
    assert run("datastore", file, "--restart", "--report", tmp_path / "report.json").exit_code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["resumed_after"], report["accepted"]) == (0, {"crime-counts": 31_680})


def test_another_dataset_is_another_import(taken, file):
    Ingest.disturb = staticmethod(refusing)
    run("datastore", file)
    Ingest.disturb = None
    assert run("datastore", file, "--dataset", "trial").exit_code == 0
    assert sum(each.dataset == "trial" for each in taken) == 31_680
