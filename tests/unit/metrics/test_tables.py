"""The board's two tables, filled by the real engine from counts of months."""

import csv
import io

import pytest

from services.metrics.csvs import table_csv
from tests.unit.metrics.board import Board, filled

CAMDEN, BARNET = "E09000007", "E09000003"


@pytest.fixture
def board():
    found = Board()
    for month in ("2015-07", "2016-04", "2016-07", "2017-04", "2017-06"):
        found.count("total-notifiable-offences", month, 100 if month < "2017" else 110, CAMDEN)
    found.count("theft-person", "2016-04", 40, CAMDEN)
    found.count("theft-person", "2017-04", 151, CAMDEN)
    return found


async def test_the_plan_holds_its_fifteen_rows_in_the_contracts_shape(board):
    answer = (await filled(board, "police-and-crime-plan", end="2017-06-30")).json()
    assert len(answer["rows"]) == 15
    assert answer["rows"][0] == {
        "plan_area": "A better police service for London",
        "measure": "total-notifiable-offences",
        "title": "Total Notifiable Offences",
        "previous": 200,
        "current": 320,
        "change": 120,
        "percent_change": 60.0,
        "status": "partial",
    }
    assert answer["current"] == {"from": "2016-07-01", "to": "2017-06-30"}
    assert answer["previous"] == {"from": "2015-07-01", "to": "2016-06-30"}
    assert (answer["area"], answer["dataset"], answer["as_of"]) == ("E12000007", "board", "2017-07-01T00:00:00Z")


async def test_what_was_never_counted_is_null_and_not_0(board):
    rows = (await filled(board, "police-and-crime-plan", end="2017-06-30")).rows()
    (knives,) = (row for row in rows if row["measure"] == "knife-crime")
    assert (knives["previous"], knives["current"], knives["change"], knives["status"]) == (None, None, None, "no-data")


async def test_a_table_can_be_asked_of_any_area(board):
    rows = (await filled(board, "police-and-crime-plan", end="2017-06-30", area="Barnet")).rows()
    assert (rows[0]["current"], rows[0]["previous"]) == (0, 0)


async def test_an_end_may_be_named_as_a_quarter(board):
    by_quarter = await filled(board, "police-and-crime-plan", quarter="2017-18-Q1")
    assert by_quarter.json() == (await filled(board, "police-and-crime-plan", end="2017-06-30")).json()


async def test_a_table_by_quarter_ends_by_itself_with_the_last_whole_one_that_has_data():
    board = Board()
    board.count("calls-999", "2017-08", 7)
    young = (await filled(board, "calls-by-category")).json()
    assert young["end"] == "2017-08-15"  # today: of the last whole quarter there is nothing
    board.count("calls-999", "2017-05", 5)
    assert (await filled(board, "calls-by-category")).json()["end"] == "2017-06-30"


async def test_a_boroughs_priority_changes_in_whole_percent(board):
    answer = (await filled(board, "local-priorities", quarter="2017-18-Q1")).json()
    (camden,) = (row for row in answer["rows"] if row["area"] == CAMDEN)
    assert len(answer["rows"]) == 32
    assert camden["priorities"][1] == {
        "title": "Theft from Person",
        "measure": "theft-person",
        "additional": False,
        "previous": 40,
        "current": 151,
        "change": 111,
        "percent_change": 278,
        "status": "partial",
    }


async def test_one_boroughs_priorities_can_be_asked_for_alone(board):
    answer = (await filled(board, "local-priorities", quarter="2017-18-Q1", area="camden")).json()
    assert [row["name"] for row in answer["rows"]] == ["Camden"]


async def test_the_csv_has_a_line_a_priority_that_names_its_borough(board):
    answer = (await filled(board, "local-priorities", quarter="2017-18-Q1")).json()
    lines = list(csv.DictReader(io.StringIO(table_csv(answer))))
    assert len(lines) == sum(len(row["priorities"]) for row in answer["rows"]) == 66
    assert {line["name"] for line in lines if line["area"] == BARNET} == {"Barnet"}


async def test_a_csv_of_another_area_than_london_says_whose_it_is(board):
    answer = (await filled(board, "police-and-crime-plan", end="2017-06-30", area="Barnet")).json()
    assert {line["area"] for line in csv.DictReader(io.StringIO(table_csv(answer)))} == {BARNET}
