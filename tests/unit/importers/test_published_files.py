"""The published files, judged whole by ingest's own rules: nothing is rejected."""

import csv
import json

import pytest

from tests.unit.importers.test_commands import run


@pytest.fixture
def judged(published_data, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERSIGHT_HOME", str(tmp_path / "home"))

    def judge(command, name):
        result = run(command, published_data / name, "--dry-run", "--report", tmp_path / "report.json")
        assert result.exit_code == 0, result.output
        return json.loads((tmp_path / "report.json").read_text())

    return judge


def test_every_cell_of_the_datastore_file_is_a_count(judged, published_data):
    report = judged("datastore", "datastore")
    with (published_data / "datastore" / "MPS_Borough_Level_Crime_Historical.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert report["accepted"] == {"crime-counts": (len(rows) - 1) * (len(rows[0]) - 3)}
    assert (report["rejected"], report["unknown"], report["files"][0]["missing_months"]) == (0, [], [])


def test_every_row_of_data_police_uk_is_a_record(judged, published_data):
    report = judged("police-uk", "police-uk")
    rows = 0
    for path in (published_data / "police-uk").iterdir():
        with path.open(newline="") as file:
            rows += sum(1 for _ in csv.DictReader(file))
    assert sum(report["accepted"].values()) == rows == 12_002
    assert report["accepted"]["stops"] == 10_490
    assert (report["rejected"], report["unknown"], report["rejected_records"]) == (0, [], [])


def test_every_figure_of_the_surveys_is_an_indicator(judged):
    report = judged("surveys", "surveys")
    assert (report["accepted"], report["rejected"]) == ({"indicators": 106 * 18 + 112 * 12 - 168}, 0)
