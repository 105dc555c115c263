import csv
import io

import pytest

from services.metrics.csvs import series_csv, table_csv, written


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_value_that_is_null_is_an_empty_field_and_a_zero_is_a_zero():
    table = {"dataset": "live", "rows": [{"title": "Knife, gun", "current": None}, {"title": "Rape", "current": 0}]}
    assert table_csv(table) == 'title,current,dataset,note\r\n"Knife, gun",,live,\r\nRape,0,live,\r\n'


def test_each_line_of_figures_that_are_not_real_says_so():
    table = {"dataset": "demo", "note": "Demonstration.", "rows": [{"title": "Rape", "current": 1}]}
    assert rows(table_csv(table)) == [{"title": "Rape", "current": "1", "dataset": "demo", "note": "Demonstration."}]


def test_each_priority_is_a_line_that_names_its_borough():
    lines = [{"title": "Burglary", "current": 5}, {"title": "Robbery", "current": 6}]
    table = {"dataset": "live", "rows": [{"area": "E09000007", "name": "Camden", "priorities": lines}]}
    assert [(row["area"], row["name"], row["title"], row["current"]) for row in rows(table_csv(table))] == [
        ("E09000007", "Camden", "Burglary", "5"),
        ("E09000007", "Camden", "Robbery", "6"),
    ]


def test_each_point_of_a_series_is_a_line_that_names_its_measure():
    series = {"measure": "rape", "area": "E12000007", "dataset": "live", "points": [{"from": "2017-04-01", "value": 3}]}
    assert series_csv(series) == "measure,area,from,value,dataset,note\r\nrape,E12000007,2017-04-01,3,live,\r\n"


def test_rows_of_several_sections_stand_under_every_column_that_one_of_them_has():
    table = {"dataset": "live", "rows": [{"section": "revenue", "actual": 1.5}, {"section": "reserves", "closing": 2}]}
    lines = ["section,actual,closing,dataset,note", "revenue,1.5,,live,", "reserves,,2,live,"]
    assert table_csv(table).splitlines() == lines


def test_a_table_without_rows_is_an_empty_text():
    assert rows(table_csv({"dataset": "live", "rows": []})) == []


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-1 on last year", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_that_a_spreadsheet_would_take_for_a_formula_is_led_by_an_apostrophe(text):
    table = {"dataset": "live", "rows": [{"line": text, "current": -1, "change": -0.5}]}
    assert rows(table_csv(table)) == [
        {"line": f"'{text}", "current": "-1", "change": "-0.5", "dataset": "live", "note": ""}
    ]


def test_other_text_stands_as_it_is():
    texts = ["Robbery = theft", "it's", "2016-17", "(1) -2", "'=1", ""]
    assert [row["line"] for row in rows(written([{"line": text} for text in texts]))] == texts


def test_yes_and_no_are_written_as_in_json():
    assert written([{"total": True}, {"total": False}]) == "total\r\ntrue\r\nfalse\r\n"


def test_nothing_stands_under_its_header_too():
    assert written([], ["title", "current"]) == "title,current\r\n"
    assert written([{"title": "Rape", "late": 1}], ["title", "current"]) == "title,current,late\r\nRape,,1\r\n"
