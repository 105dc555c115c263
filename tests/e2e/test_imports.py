"""Published files through the command, ingest, Kafka and metrics: what is counted, and what a second import changes."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import System, eventually
from tests.unit.importers.archive import FILES

END = "2023-05-31"
COUNTED = {
    "total-notifiable-offences": 5,
    "total-robbery": 4,
    "sanction-detections": 1,
    "calls-101": 3,
    "stops-and-searches": 2,
    "stop-and-search-arrests": 2,
}


@pytest.fixture(scope="module")
def running(system: System) -> Iterator[System]:
    system.up()
    yield system
    assert system.stop() == 0


@pytest.fixture(scope="module")
def published_data() -> Path:
    data = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (data / "police-uk").is_dir():
        pytest.skip(f"published data are not at {data} (set OVERSIGHT_SHARED_DATA)")
    return data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


def imported(system: System, *arguments: object) -> dict[str, Any]:
    report = system.home.root / "report.json"
    done = system.run("import", *map(str, arguments), "--report", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(report.read_text())  # type: ignore[no-any-return]


def counts(system: System, dataset: str) -> dict[str, Any]:
    return {measure: system.value(measure, END, dataset=dataset) for measure in COUNTED}


def test_an_archive_is_counted_row_by_row_and_its_second_import_changes_nothing(running: System, folder: Path) -> None:
    archive = folder.parent / "latest.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in FILES.items():
            file.writestr(name, text)
    imported(running, "police-uk", archive, "--dataset", "archive")
    eventually(lambda: counts(running, "archive") == COUNTED, "every row of the archive is counted once")
    imported(running, "police-uk", folder, "--dataset", "archive")
    # What is imported after it is counted after it.
    imported(running, "police-uk", folder, "--dataset", "marker")
    eventually(lambda: counts(running, "marker") == COUNTED, "the folder is counted in another dataset")
    assert counts(running, "archive") == COUNTED


def test_outcomes_that_are_imported_later_detect_the_crimes_of_before(running: System, folder: Path) -> None:
    imported(running, "police-uk", folder / "2023-04", "--dataset", "later")
    eventually(lambda: counts(running, "later")["total-notifiable-offences"] == 4, "the crimes of April are counted")
    assert counts(running, "later")["sanction-detections"] in (0, None)
    report = imported(running, "police-uk", folder / "2023-05", "--dataset", "later")
    assert report["accepted"]["crimes"] == 2
    eventually(lambda: counts(running, "later") == COUNTED, "the caution of May is counted, and no crime twice")


def test_the_real_files_are_taken_whole(running: System, published_data: Path) -> None:
    stops = imported(running, "police-uk", published_data / "police-uk", "--dataset", "real")
    assert (stops["accepted"], stops["rejected"]) == ({"calls": 83, "crimes": 1_429, "stops": 10_490}, 0)
    surveys = imported(running, "surveys", published_data / "surveys", "--borough-means", "--dataset", "real")
    assert surveys["rejected"] == 0
    asked = {"measure": "good-job", "area": "Camden", "window": "12m", "end": "2016-12-31", "dataset": "real"}
    eventually(lambda: running.get("metrics", "/v1/compare", **asked).json()["value"], "Camden's mean is there")
    eventually(
        lambda: running.value("stops-and-searches", "2016-06-30", dataset="real") == 10_490, "every stop is counted"
    )
