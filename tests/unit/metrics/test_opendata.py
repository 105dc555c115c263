"""Tables and series as open data: valid packages, whose files are as they describe them."""

import csv
import io
import re

import pytest
from frictionless import Package, Resource, Schema, system

from services.metrics.tables.parts import flattened
from tests.unit.metrics.demonstrated import CAMDEN, LONDON, Demonstration

END = {"end": "2017-06-30", "dataset": "demo"}
SERIES = {"from": "2016-04-01", "to": "2017-06-30", "dataset": "demo"}
MEASURES = ["total-notifiable-offences", "transgender-hate-crime", "hate-crime-share", "calls-999-answer-median"]


@pytest.fixture(scope="module")
def demonstration():
    return Demonstration()


@pytest.fixture
def validated(demonstration, tmp_path):
    """The package at an address, found valid, its CSV file with it; and the rows of that file."""

    async def valid(path, **asked):
        described = await demonstration.get(path, **asked)
        file = await demonstration.answer(described["resources"][0]["path"])
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        (tmp_path / "figures.csv").write_text(file.text, encoding="utf-8", newline="")
        local = {**described["resources"][0], "path": "figures.csv"}
        with system.use_context(trusted=True):
            report = Package.from_descriptor({**described, "resources": [local]}, basepath=str(tmp_path)).validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])[:5]
        return described, list(csv.DictReader(io.StringIO(file.text)))

    return valid


async def test_every_table_is_a_valid_package(demonstration, validated):
    for table in demonstration.tables.declared:
        for area in [LONDON] if table.areas == "london" else [LONDON, CAMDEN]:
            described, rows = await validated(f"/v1/tables/{table.id}/datapackage.json", area=area, **END)
            assert [each["name"] for each in described["licenses"]] == ["OGL-UK-3.0"]
            assert described["dataset"] == "demo"
            assert described["sources"], table.id
            assert rows, table.id


@pytest.mark.parametrize("interval", ["month", "quarter", "year"])
@pytest.mark.parametrize("measure", MEASURES)
async def test_every_series_is_a_valid_package(validated, measure, interval):
    asked = {"measure": measure, "interval": interval, "area": CAMDEN, **SERIES}
    described, rows = await validated("/v1/series/datapackage.json", **asked)
    assert len(rows) == {"month": 15, "quarter": 5, "year": 2}[interval]
    fields = {each["name"]: each for each in described["resources"][0]["schema"]["fields"]}
    assert fields["value"]["type"] == "number"
    assert "suppressed" in fields["status"]["constraints"]["enum"]


async def test_a_file_that_is_not_as_described_is_found(demonstration, tmp_path):
    described = await demonstration.get("/v1/tables/police-and-crime-plan/datapackage.json", **END)
    (tmp_path / "figures.csv").write_text("plan_area,measure\nCrime,1\n", encoding="utf-8")
    schema = Schema.from_descriptor(described["resources"][0]["schema"])
    report = Resource(path="figures.csv", schema=schema, basepath=str(tmp_path)).validate()
    assert not report.valid


async def test_the_rows_of_the_json_have_the_fields_that_its_schema_names(demonstration):
    for table in demonstration.tables.declared:
        described = await demonstration.get(f"/v1/tables/{table.id}/datapackage.json", **END)
        fields = {each["name"] for each in described["resources"][1]["schema"]["fields"]}
        answer = await demonstration.get(described["resources"][1]["path"])
        assert all(line.keys() <= fields for line in flattened(answer["rows"])), table.id


async def test_answers_say_where_they_are_described_and_under_which_licence(demonstration):
    for path, asked in (("/v1/tables/finance", END), ("/v1/series", {"measure": "knife-crime", **SERIES})):
        for accept in ("application/json", "text/csv"):
            link = (await demonstration.answer(path, accept=accept, **asked)).headers["link"]
            (described,) = re.findall(r'<([^>]*)>; rel="describedby"', link)
            assert (await demonstration.get(described))["licenses"][0]["path"] in link


async def test_what_is_withheld_is_neither_zero_nor_nothing(demonstration, validated):
    asked = {"area": CAMDEN, **END}
    _, rows = await validated("/v1/tables/police-and-crime-plan/datapackage.json", **asked)
    by_measure = {row["measure"]: row for row in rows}
    hidden = by_measure["transgender-hate-crime"]
    assert {hidden[name] for name in ("previous", "current", "change", "percent_change", "status")} == {"suppressed"}
    assert by_measure["knife-crime"]["current"].isdecimal()
    _, points = await validated("/v1/series/datapackage.json", measure="transgender-hate-crime", area=CAMDEN, **SERIES)
    assert {(point["value"], point["status"]) for point in points} == {("suppressed", "suppressed")}
    _, points = await validated("/v1/series/datapackage.json", measure="faith-hate-crime", area=CAMDEN, **SERIES)
    assert {(point["value"], point["status"]) for point in points} == {("", "no-data")}
    _, points = await validated("/v1/series/datapackage.json", measure="hate-crime", area="City of London", **SERIES)
    assert {(point["value"], point["status"]) for point in points if point["value"] == "0"} <= {("0", "complete")}


@pytest.mark.parametrize(
    ("path", "asked", "field"),
    [
        ("/v1/series", {"measure": "knife-crime", "from": "2014-01-01", "to": "2014-12-31"}, "to"),
        ("/v1/series", {"measure": "good-job", "from": "2012-01-01", "to": "2012-12-31"}, "to"),
        ("/v1/series/datapackage.json", {"measure": "knife-crime", "from": "2014-01-01", "to": "2014-12-31"}, "to"),
        ("/v1/tables/high-harm", {"end": "2015-06-30"}, "end"),
        ("/v1/tables/local-priorities", {"quarter": "2014-15-Q1"}, "quarter"),
        ("/v1/tables/finance", {"end": "2010-03-31"}, "end"),
        ("/v1/explain", {"table": "high-harm", "column": "year_current", "end": "2015-06-30"}, "end"),
    ],
)
@pytest.mark.parametrize("dataset", [{}, {"dataset": "demo"}], ids=["any", "demo"])
async def test_days_before_the_data_begin_are_refused_with_the_day_that_they_begin(
    demonstration, path, asked, field, dataset
):
    refusal = await demonstration.get(path, code=422, **asked, **dataset)
    ((named, said),) = [(each["field"], each["message"]) for each in refusal["errors"]]
    assert named == field
    assert "is before the data begin: of 'demo' on 1 " in said


async def test_days_on_both_sides_of_the_datas_beginning_are_answered(demonstration):
    asked = {"from": "2015-05-01", "to": "2015-08-31", "dataset": "demo"}
    answer = await demonstration.get("/v1/series", measure="knife-crime", **asked)
    assert [each["status"] for each in answer["points"]] == ["no-data", "no-data", "complete", "complete"]
