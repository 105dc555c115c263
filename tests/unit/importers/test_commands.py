"""The commands as a person runs them, against an ingest that listens and judges as the real one does."""

import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from local import cli
from local.home import Addresses, Home
from local.importers.csv_command import import_csv
from local.importers.datastore_command import import_datastore
from local.importers.police_uk_command import import_police_uk
from local.importers.publication import months_end
from local.importers.surveys_command import import_surveys
from local.simulate.command import simulate
from services.ingest.acceptance import judge
from services.ingest.api import PATHS
from shared.clock import Clock
from shared.reference import reference

DATASTORE = "MajorText,MinorText,LookUp_BoroughName,201706\nX,Arson,Camden,3\nX,{},Camden,1\n"
STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\na,2023-04,F,F,,,,,Camden 027C,{},{},\n"
)
commands = typer.Typer()
commands.command("datastore")(import_datastore)
commands.command("police-uk")(import_police_uk)
commands.command("surveys")(import_surveys)
commands.command("csv")(import_csv)
commands.command("simulate")(simulate)


class Ingest(BaseHTTPRequestHandler):
    taken, requests, disturb = (), 0, None

    def do_POST(self):
        Ingest.requests += 1
        if self.disturb and self.disturb(self):
            return
        lines = self.rfile.read(int(self.headers["content-length"])).splitlines()
        topic = PATHS[self.path.removeprefix("/v1/")]
        verdict = judge([(topic, line) for line in lines], reference(), Clock().today())
        self.taken.extend(verdict.accepted)
        rejected = [{"index": each.index, "errors": msgspec.to_builtins(each.errors)} for each in verdict.rejected]
        body = json.dumps({"accepted": len(verdict.accepted), "rejected": rejected}).encode()
        self.send_response(202 if verdict.accepted else 422)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing: the test's output is the command's."""


@pytest.fixture
def taken(tmp_path, monkeypatch):
    """A home in which an ingest runs; what it accepted."""
    Ingest.taken, Ingest.requests, Ingest.disturb = [], 0, None
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ingest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    nowhere = dict.fromkeys(("metrics", "actions", "notify", "kafka", "redis", "smtp"), "-")
    addresses = Addresses(ingest=f"http://127.0.0.1:{server.server_port}", **nowhere, database={}, volatile_broker=True)
    home = Home(tmp_path / "home")
    home.create()
    home.ensure_token()
    monkeypatch.setenv("OVERSIGHT_HOME", str(home.root))
    with home.lock(), home.publish(addresses):
        yield Ingest.taken
    server.shutdown()
    server.server_close()


def run(*arguments):
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


def identities(records):
    return sorted((type(each).__name__, each.record_id, each.revision) for each in records)


def test_a_file_that_is_imported_whole_ends_well_and_says_so(taken, tmp_path):
    (tmp_path / "a.csv").write_text(DATASTORE.format("Rape"))
    result = run("datastore", tmp_path / "a.csv", "--dataset", "trial", "--published", "2017-08-01")
    assert result.exit_code == 0, result.output
    assert "accepted: 2 crime-counts" in result.output
    assert [(count.offence, count.count, count.dataset) for count in taken] == [
        ("arson", 3, "trial"),
        ("rape", 1, "trial"),
    ]


def test_an_unknown_class_is_named_and_fails_the_import_though_the_rest_is_there(taken, tmp_path):
    (tmp_path / "a.csv").write_text(DATASTORE.format("Jaywalking"))
    result = run("datastore", tmp_path / "a.csv")
    assert result.exit_code == 1
    assert "rejected: 1\n" in result.output
    assert "Jaywalking" in result.output
    assert [count.offence for count in taken] == ["arson"]


def test_street_files_are_imported_and_what_ingest_rejects_is_named(taken, tmp_path):
    (tmp_path / "a.csv").write_text(STREET.format("Robbery", "Under investigation"))
    (tmp_path / "b.csv").write_text(STREET.format("Anti-social behaviour", ""))
    (tmp_path / "c.csv").write_text(STREET.format("Burglary", "Abducted by aliens"))
    assert run("police-uk", tmp_path / "a.csv", tmp_path / "b.csv").exit_code == 0
    assert sorted(type(record).__name__ for record in taken) == ["Call", "Crime"]
    result = run("police-uk", tmp_path / "c.csv")
    assert result.exit_code == 1
    assert "Abducted by aliens" in result.output


def test_a_wrong_file_among_right_ones_stops_the_import_before_anything_is_posted(taken, tmp_path):
    (tmp_path / "a.csv").write_text(STREET.format("Robbery", ""))
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    result = run("police-uk", tmp_path / "a.csv", tmp_path / "b.csv")
    assert "b.csv: this is neither a street nor a stop-and-search file" in str(result.exception)
    assert taken == []


def test_simulated_records_are_posted_and_their_true_counts_printed(taken):
    result = run("simulate", "--records", 300, "--seed", 3, "--days", 7)
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["accepted"] == report["events"] == len(taken) >= 300
    assert {record.dataset for record in taken} == {report["dataset"]}
    assert (date.fromisoformat(report["to"]) - date.fromisoformat(report["from"])).days == 6
    assert report["counts"]["calls-999"]["E12000007"] > 50


def test_months_that_are_missing_and_cells_without_a_figure_are_told(taken, tmp_path):
    text = "MinorText,BoroughName,201703,201704,201706,201707\nRape,Camden,1,,2,\nArson,Camden,1,1,,\n"
    (tmp_path / "a.csv").write_text(text)
    result = run("datastore", tmp_path / "a.csv", "--report", tmp_path / "report.json")
    (told,) = json.loads((tmp_path / "report.json").read_text())["files"]
    assert (told["months"], told["missing_months"]) == (["2017-03", "2017-06"], ["2017-05"])
    assert told["notes"] == {"cells_without_a_figure": {"2017-04": 1, "2017-06": 1}}
    assert "without 2017-05" in result.output


def test_of_two_overlapping_files_each_is_dated_by_its_own_latest_month(taken, tmp_path):
    (tmp_path / "historical.csv").write_text("MinorText,LookUp_BoroughName,201704,201705\nRape,Camden,1,2\n")
    (tmp_path / "recent.csv").write_text("MinorText,BoroughName,201705,201706\nRape,Camden,20,3\n")
    assert run("datastore", tmp_path / "recent.csv", tmp_path / "historical.csv").exit_code == 0
    latest = {}
    for each in sorted(taken, key=lambda record: record.revision):
        latest[each.month] = each.count
    assert latest == {"2017-04": 1, "2017-05": 20, "2017-06": 3}


def test_a_survey_is_imported_as_indicators(taken, tmp_path):
    question = "The police can be relied upon to be there when needed"
    text = f"Neighbourhood,{question}\n,% Strongly Agree or Tend to agree\nCamden - North,70\nCamden - South,75\n"
    (tmp_path / "pas-2016-17.csv").write_text(text)
    assert run("surveys", tmp_path / "pas-2016-17.csv", "--borough-means").exit_code == 0
    assert [(each.breakdown.get("neighbourhood"), each.value, each.period) for each in taken] == [
        ("North", 70, "2016-04/2017-03"),
        ("South", 75, "2016-04/2017-03"),
        (None, 72.5, "2016-04/2017-03"),
    ]
    taken.clear()
    assert run("surveys", tmp_path / "pas-2016-17.csv", "--period", "2016-17-Q4").exit_code == 0
    assert {each.period for each in taken} == {"2016-17-Q4"}


def test_any_file_is_imported_by_its_mapping_dated_by_its_latest_month(taken, tmp_path):
    (tmp_path / "a.csv").write_text(
        "Ref,Day,Where,What\n1,2017-06-30,Camden,Rape\n2,2017-05-01,Camdne,Rape\n3,,Camden,Rape\n"
    )
    (tmp_path / "a.toml").write_text(
        'kind = "crimes"\n[fields]\ncrime_id = { column = "Ref" }\nstatus = { value = "recorded" }\n'
        'recorded_on = { column = "Day" }\narea = { column = "Where" }\noffence = { column = "What" }\n'
    )
    result = run("csv", tmp_path / "a.csv", "--mapping", tmp_path / "a.toml")
    assert result.exit_code == 1
    assert [(each.crime_id, each.revision) for each in taken] == [("1", months_end(["2017-06"]))]
    assert "rejected: 2\n" in result.output
    assert "1 x area 'Camdne'" in result.output
    assert f"recorded_on: required (first: {tmp_path}/a.csv line 4)" in result.output


@pytest.mark.parametrize("command", ["datastore", "police-uk", "surveys", "csv"])
def test_every_importer_is_a_command_with_the_same_options(command):
    told = CliRunner().invoke(cli.commands, ["import", command, "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    for option in ("--dataset", "--published", "--dry-run", "--report", "--restart"):
        assert option in told.output


def test_a_dataset_that_ingest_would_refuse_is_refused_at_once(taken, tmp_path):
    (tmp_path / "a.csv").write_text(DATASTORE.format("Rape"))
    result = run("datastore", tmp_path / "a.csv", "--dataset", "Foo/Bar")
    assert result.exit_code == 1
    assert "--dataset 'Foo/Bar': lower-case letters, digits and hyphens" in str(result.exception)
    assert taken == []


def test_where_nothing_runs_nothing_is_taken_to_be_imported(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERSIGHT_HOME", str(tmp_path / "home"))
    (tmp_path / "a.csv").write_text(DATASTORE.format("Rape"))
    assert "nothing runs in" in str(run("datastore", tmp_path / "a.csv").exception)
    assert list(tmp_path.rglob("*.msgpack")) == []


def test_a_survey_whose_name_tells_no_period_is_refused_and_another_file_is_told_first(taken, tmp_path):
    question = "Neighbourhood,The police can be relied upon to be there when needed\n"
    text = f"{question},% Strongly Agree or Tend to agree\nCamden - North,70\n"
    for name, content, said in (
        ("pas-2016-06.csv", text, "tells no year or financial years; give --period"),
        ("pas-2016-06-other.csv", DATASTORE, "is not a file of the Public Attitude Survey"),
    ):
        (tmp_path / name).write_text(content)
        assert said in str(run("surveys", tmp_path / name).exception)
