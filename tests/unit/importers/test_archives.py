"""Archives as data.police.uk publishes them, through the command: folders and zips, months and forces, and again."""

import json
import zipfile
from collections import Counter

import pytest

from tests.unit.importers.archive import FILES, MET, STOP, STOPS, street
from tests.unit.importers.test_commands import identities, run, taken

__all__ = ["taken"]  # the fixture


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "archive"


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "latest.zip", "w") as file:
        for name, text in FILES.items():
            file.writestr(name, text)
    return tmp_path / "latest.zip"


def report_of(path, *arguments):
    result = run(*arguments, "--report", path / "report.json")
    return result, json.loads((path / "report.json").read_text())


def test_every_row_of_every_month_and_force_is_a_record_of_its_own_with_its_outcome(taken, archive):
    assert run("police-uk", archive).exit_code == 0
    assert Counter(type(each).__name__ for each in taken) == {"Crime": 5, "Call": 3, "Stop": 2}
    assert len({each.record_id for each in taken}) == 10
    (cautioned,) = (each for each in taken if each.record_id.startswith("b@"))
    assert (cautioned.outcome.type, cautioned.outcome.on, cautioned.area) == ("cautioned", "2023-05", "unknown")


def test_a_second_import_of_the_zip_the_folder_or_a_file_of_it_posts_the_same_records(taken, archive, folder):
    run("police-uk", archive)
    first = identities(taken)
    for again in ([archive], [folder]):
        taken.clear()
        run("police-uk", *again)
        assert identities(taken) == first
    taken.clear()
    run("police-uk", folder / "2023-04" / "2023-04-metropolitan-street.csv", "--published", "2023-05-31T23:59:59")
    assert set(identities(taken)) <= set(first)


def test_the_report_tells_files_months_places_outside_london_and_outcomes_without_a_crime(taken, archive, tmp_path):
    result, report = report_of(tmp_path, "police-uk", archive)
    assert report["accepted"] == {"calls": 3, "crimes": 5, "stops": 2}
    assert (report["rejected"], report["kept"], report["unknown"]) == (0, {"outcomes": 2}, [])
    assert report["outcomes_of_crimes_not_imported_yet"] == 1
    files = {each["name"].rpartition("/")[2]: each for each in report["files"]}
    assert files["2023-04-metropolitan-street.csv"]["rows"] == 5
    assert files["2023-04-metropolitan-street.csv"]["notes"] == {"outside_london_kept_as_unknown": {"Epping Forest": 1}}
    assert files["2023-05-metropolitan-stop-and-search.csv"]["months"] == ["2023-05", "2023-05"]
    assert "\noutcomes: 2\n" in result.output
    assert "outcomes of crimes not imported yet: 1" in result.output


def test_outcomes_that_come_alone_update_the_crimes_of_the_import_before(taken, folder):
    run("police-uk", folder / "2023-04")
    (before,) = (each for each in taken if each.record_id.startswith("b@"))
    taken.clear()
    assert run("police-uk", folder / "2023-05" / "2023-05-metropolitan-outcomes.csv").exit_code == 0
    (after,) = taken
    assert (after.record_id, after.area, after.offence) == (before.record_id, before.area, before.offence)
    assert after.revision > before.revision
    assert after.outcome.type == "cautioned"


def test_what_is_wrong_is_listed_each_with_its_place_and_every_unknown_value_once(taken, folder, tmp_path):
    path = folder / "2023-05" / "2023-05-metropolitan-stop-and-search.csv"
    wrong = STOP.replace("Controlled drugs", "Controled drugs")
    path.write_text(STOPS + STOP + wrong + STOP.replace("2023-05-01T12:30:00+00:00", "yesterday") + wrong)
    result, report = report_of(tmp_path, "police-uk", folder)
    assert result.exit_code == 1
    assert (report["accepted"]["stops"], report["rejected"]) == (1, 3)
    assert sorted(each["place"] for each in report["rejected_records"]) == [f"{path} line {line}" for line in (3, 4, 5)]
    (known,) = report["unknown"]
    assert (known["field"], known["value"], known["count"]) == ("object", "Controled drugs", 2)
    assert known["nearest"][0] == "Controlled drugs"
    assert result.output.count("2 x object 'Controled drugs'") == 1


def test_a_dry_run_judges_the_same_needs_nothing_running_and_leaves_nothing_behind(
    taken, folder, tmp_path, monkeypatch
):
    path = folder / "2023-04" / "2023-04-metropolitan-street.csv"
    path.write_text(path.read_text().replace("Drugs", "Piracy"))
    _, real = report_of(tmp_path, "police-uk", folder)
    monkeypatch.setenv("OVERSIGHT_HOME", str(tmp_path / "nowhere"))
    posted = len(taken)
    result, rehearsed = report_of(tmp_path, "police-uk", folder, "--dry-run")
    assert (result.exit_code, rehearsed["dry_run"], len(taken)) == (1, True, posted)
    for name in ("files", "accepted", "kept", "rejected", "unknown", "rejected_records"):
        assert rehearsed[name] == real[name]
    assert not (tmp_path / "nowhere").exists()


def test_a_report_that_cannot_be_written_is_told(taken, archive, tmp_path):
    result = run("police-uk", archive, "--report", tmp_path / "absent" / "report.json")
    assert "report.json cannot be written" in str(result.exception)


def test_months_that_a_force_has_no_file_of_are_told(taken, folder, tmp_path):
    (folder / "2023-05" / "2023-05-metropolitan-street.csv").rename(folder / "2023-05" / "2023-05-british-street.csv")
    later = street("2023-07", MET, ("z", "Camden 027C", "Robbery", ""))
    (folder / "2023-05" / "2023-07-metropolitan-street.csv").write_text(later)
    result, report = report_of(tmp_path, "police-uk", folder)
    assert report["missing_months"] == {"metropolitan-street": ["2023-05", "2023-06"]}
    assert "missing months: metropolitan-street 2023-05, 2023-06" in result.output
