"""The commands as a person runs them, against an ingest that listens and judges as the real one does."""

import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import typer
from typer.testing import CliRunner

from local.home import Addresses, Home
from local.importers.datastore_command import import_datastore
from local.importers.police_uk_command import import_police_uk
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
commands.command("simulate")(simulate)


class Ingest(BaseHTTPRequestHandler):
    taken = ()

    def do_POST(self):
        lines = self.rfile.read(int(self.headers["content-length"])).splitlines()
        topic = PATHS[self.path.removeprefix("/v1/")]
        verdict = judge([(topic, line) for line in lines], reference(), Clock().today())
        self.taken.extend(verdict.accepted)
        rejected = [
            {"index": each.index, "errors": [{"field": e.field, "message": e.message} for e in each.errors]}
            for each in verdict.rejected
        ]
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
    Ingest.taken = []
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
