"""Published files through the command, ingest, Kafka and metrics: what is counted, and what a second import changes."""

import json
import os
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.reference import reference
from tests.e2e.conftest import OVERSIGHT, System, eventually
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


MONTHS = [f"{year}{month:02d}" for year in range(2008, 2018) for month in range(1, 13)]
CLASSES = [each.name for each in reference().offences if each.notifiable][:16]
BOROUGHS = [area.name for area in reference().areas if area.kind == "borough"]


def borough_file(path: Path, months: list[str], classes: list[str]) -> Path:
    """One crime in every cell."""
    rows = [f'"{each}",{borough},{",".join("1" * len(months))}' for each in classes for borough in BOROUGHS]
    path.write_text("\n".join([f"MinorText,BoroughName,{','.join(months)}", *rows, ""]))
    return path


def total(system: System, dataset: str, end: str) -> Any:
    return system.value("total-notifiable-offences", end, dataset=dataset)


def test_an_import_that_was_killed_goes_on_and_every_count_is_there_once(running: System, tmp_path: Path) -> None:
    path = borough_file(tmp_path / "boroughs.csv", MONTHS, CLASSES)
    checkpoints = running.home.data / "imports"
    command = [str(OVERSIGHT), "import", "datastore", str(path), "--dataset", "killed"]
    child = subprocess.Popen(command, env=running.environment, stdout=subprocess.DEVNULL)
    eventually(lambda: list(checkpoints.glob("*.json")), "it is written down how far the import came")
    child.kill()
    assert child.wait(30) == -signal.SIGKILL
    report = imported(running, "datastore", path, "--dataset", "killed")
    everything = len(MONTHS) * len(CLASSES) * len(BOROUGHS)
    assert report["accepted"] == {"crime-counts": everything}
    assert 0 < report["resumed_after"] < everything
    year = 12 * len(CLASSES) * len(BOROUGHS)
    for end in ("2008-12-31", "2012-12-31", "2017-12-31"):
        eventually(lambda end=end: total(running, "killed", end) == year, f"the year to {end} is whole")


def test_a_second_import_changes_nothing_and_a_later_edition_says_what_there_is(
    running: System, tmp_path: Path
) -> None:
    first = borough_file(tmp_path / "first.csv", MONTHS[-24:-1], CLASSES)
    second = borough_file(tmp_path / "second.csv", MONTHS[-12:], CLASSES[1:])
    of_a_month = len(BOROUGHS) * len(CLASSES)
    for _ in range(2):
        report = imported(running, "datastore", first, "--dataset", "editions")
        assert report["no_longer_published"]["records"] == 0
    eventually(lambda: total(running, "editions", "2016-12-31") == 12 * of_a_month, "the first edition is counted")
    for withdrawn in (11 * len(BOROUGHS), 0):
        report = imported(running, "datastore", second, "--dataset", "editions")
        assert report["no_longer_published"]["records"] == withdrawn
    # What is imported after it is counted after it.
    imported(running, "datastore", second, "--dataset", "editions-marker")
    latest = 12 * (of_a_month - len(BOROUGHS))
    eventually(lambda: total(running, "editions-marker", "2017-12-31") == latest, "what came last is counted")
    eventually(lambda: total(running, "editions", "2017-12-31") == latest, "the later edition's figures alone stand")
    assert total(running, "editions", "2016-12-31") == 12 * of_a_month


def test_a_crime_that_a_later_archive_no_longer_has_is_not_counted_any_more(
    running: System, folder: Path, tmp_path: Path
) -> None:
    imported(running, "police-uk", folder, "--dataset", "shrinking")
    eventually(lambda: counts(running, "shrinking") == COUNTED, "every row of the archive is counted")
    name = "2023-04-metropolitan-street.csv"
    lines = (folder / "2023-04" / name).read_text().splitlines(keepends=True)
    (tmp_path / name).write_text("".join(line for line in lines if not line.startswith("b,")))
    report = imported(running, "police-uk", tmp_path / name, "--dataset", "shrinking", "--published", "2023-07-01")
    assert report["no_longer_published"]["listed"] == [
        "b@2023-04/metropolitan-police-service 2023-04 metropolitan-police-service unknown police-uk-drugs"
    ]
    eventually(lambda: counts(running, "shrinking")["total-notifiable-offences"] == 4, "the crime is cancelled")
    assert counts(running, "shrinking")["total-robbery"] == COUNTED["total-robbery"]
