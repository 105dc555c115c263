"""The published tables that a board is filled from, as they stand in shared files; tests skip where those are not."""

import csv
import os
from itertools import takewhile
from pathlib import Path

import pytest

_DATA = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
QUARTER = "2017-18-Q1"
SURVEYS = {  # the columns of the published table
    "overall_satisfaction": "user-satisfaction",
    "good_job": "good-job",
    "informed_local": "informed-local",
    "listen_to_concerns": "listen-to-concerns",
    "fair_treatment": "fair-treatment",
    "dealing_issues": "dealing-issues",
}
RESERVES = {
    "Opening Reserve Balance": "reserves-opening",
    "Net Reserve Movement": "reserves-movement",
    "Closing reserve Balance": "reserves-closing",
    "General Fund Reserve": "reserves-general",
    "Earmarked Reserves": "reserves-earmarked",
}


def table(name):
    """The rows of a published CSV file."""
    path = _DATA / "published" / name
    if not path.exists():
        pytest.skip(f"the published table is not here: {path}")
    return list(csv.DictReader(path.open(encoding="utf-8-sig")))


def report(heading):
    """A table of the quarterly report: the tab-separated lines from the one on that begins so."""
    found = sorted((_DATA.parent / "seeds").glob("004_*.txt"))
    if not found:
        pytest.skip(f"the quarterly report is not here: {_DATA.parent / 'seeds'}")
    lines = iter(found[0].read_text(encoding="utf-8").splitlines())
    first = next(line for line in lines if line.startswith(heading))
    return [line.split("\t") for line in [first, *takewhile(lambda line: "\t" in line, lines)]]


def number(text):
    """A printed number: `1,805.0`, `- 121.5`."""
    return float(text.replace(",", "").replace("- ", "-"))


def surveys():
    """(indicator, characteristic, group, printed gap) of each cell, and the averages by indicator."""
    average, *rows = table("q1-2017-18-satisfaction-and-public-voice-inequalities.csv")
    averages = {indicator: float(average[column]) for column, indicator in SURVEYS.items()}
    cells = [
        (indicator, row["characteristic"], row["group"], float(row[column]))
        for row in rows
        for column, indicator in SURVEYS.items()
    ]
    return cells, averages
