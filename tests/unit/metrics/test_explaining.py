"""The parts that an explanation lists add up to the figure that it explains: every measure, every cell of a table."""

import re
from datetime import date
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.tables.parts import flattened
from tests.unit.metrics.demonstrated import CAMDEN, CITY, KNOWN, LONDON, Demonstration
from tests.unit.metrics.retraced import Disagreement, retrace


@pytest.fixture(scope="module")
def demonstration():
    return Demonstration()


@pytest.fixture(scope="module")
def tables(demonstration):
    return demonstration.tables


@pytest.fixture(scope="module")
def get(demonstration):
    return demonstration.get


@pytest.mark.parametrize("area", [LONDON, CAMDEN, CITY], ids=["London", "Camden", "City"])
async def test_the_parts_of_every_measure_come_to_the_figure_that_compare_answers(get, area):
    told = 0
    for measure in KNOWN.measures:
        asked = {"measure": measure.id, "area": area, "end": "2017-06-30", "dataset": "demo"}
        explained = await get("/v1/explain", **asked)
        compared = await get("/v1/compare", **asked, across_breaks=True)
        for side, figure in (("figure", compared), ("baseline", compared["baseline"])):
            retrace(explained[side])
            assert explained[side]["value"] == figure["value"], (measure.id, side)
            told += figure["value"] is not None
        assert explained["baseline"]["status"] == compared["baseline"]["status"]
        assert explained["measure"]["definition"] == measure.definition
        assert set(measure.caveats) <= set(explained["caveats"])
    assert told > 300


@pytest.mark.slow
async def test_the_parts_of_every_cell_come_to_what_stands_in_it(get, tables):
    told = {}
    for table in tables.declared:
        for area in [LONDON] if table.areas == "london" else [LONDON, CAMDEN]:
            asked = {"end": "2017-06-30", "dataset": "demo", "area": area}
            answer = await get(f"/v1/tables/{table.id}", **asked)
            sections = {each["id"]: each for each in answer["sections"]}
            for name, section in sections.items():
                lines = [row for row in flattened(answer["rows"]) if row.get("section", "") == name]
                told[table.id] = told.get(table.id, 0) + await explained(get, table, name, section, lines, asked)
    assert all(told.values()), told
    assert sum(told.values()) > 1500


async def explained(get, table, name, section, lines, asked):
    """How many figures of a section were explained; AssertionError where a cell is not, or not by its parts."""
    known = 0
    for number, line in enumerate(lines):
        for column in (each["key"] for each in section["columns"]):
            if isinstance(line.get(column), int | float) and not isinstance(line[column], bool):
                at = {"table": table.id, "section": name, "row": number, "column": column}
                answer = await get("/v1/explain", **at, **asked)
                retrace(answer["figure"])
                assert answer["figure"]["value"] == answer["value"] == line[column], (at, line)
                known += 1
    return known


async def test_every_figure_on_a_tables_page_leads_to_its_explanation(demonstration):
    for table in demonstration.tables.declared:
        page = (await demonstration.answer(f"/tables/{table.id}", end="2017-06-30", dataset="demo")).text
        links = re.findall(r'<a href="(/explain[^"]*)">([^<]*)</a>', page)
        assert links, table.id
        assert not re.search(r'<td class="n">[\d£+-]', page), table.id  # no figure without one
        for link, text in links[:: max(len(links) // 3, 1)]:
            address = unescape(link)
            explained = (await demonstration.answer(address)).text
            assert await demonstration.get(f"/v1{address}"), address
            assert "<h2>Where it comes from</h2>" in explained, (address, text)


measures = st.sampled_from([each.id for each in KNOWN.measures])
windows = st.sampled_from(["week", "month", "3m", "quarter", "12m", "fytd"])
against = st.sampled_from(["year-before", "period-before", "3y-average"])
days = st.dates(date(2015, 6, 1), date(2017, 9, 30))


@settings(max_examples=150)
@given(measure=measures, area=st.sampled_from(list(KNOWN.areas)), window=windows, end=days, yardstick=against)
async def test_whatever_is_asked_the_parts_come_to_the_figure(get, measure, area, window, end, yardstick):
    asked = {"measure": measure, "area": area.id, "window": window, "end": end.isoformat(), "dataset": "demo"}
    answer = await get("/v1/explain", **asked, against=yardstick)
    retrace(answer["figure"])
    sides = [answer["baseline"]] if yardstick != "3y-average" else list(answer["baseline"]["inputs"].values())
    for side in sides:
        retrace(side)


async def test_what_a_figure_rests_on_is_said(get):
    answer = await get("/v1/explain", measure="knife-crime", end="2017-06-30", dataset="demo")
    assert answer["figure"]["window"] == {"from": "2016-07-01", "to": "2017-06-30"}
    assert [(each["kind"], each["dataset"]) for each in answer["sources"]] == [("crime", "demo")]
    assert answer["offsets"] == [{"topic": "tests.crime", "partition": 0, "cluster": "here", "next": 5}]
    assert {part["area"] for part in answer["figure"]["parts"]} == {a.id for a in KNOWN.areas if not a.is_region}
    assert "Demonstration" in answer["note"]


async def test_a_break_between_the_windows_is_said_and_the_figure_explained_all_the_same(get):
    asked = {"measure": "common-assault", "end": "2017-06-30", "dataset": "demo"}
    answer = await get("/v1/explain", **asked)
    assert [each["id"] for each in answer["breaks"]] == [
        each["id"] for each in (await get("/v1/compare", **asked, across_breaks=True))["breaks"]
    ]


async def test_parts_that_are_withheld_are_told_together_and_not_one_by_one(get):
    answer = await get("/v1/explain", measure="transgender-hate-crime", end="2017-06-30", dataset="demo")
    parts = answer["figure"]["parts"]
    rest = parts.pop()
    assert rest["suppressed_together"] == sum(each["status"] == "suppressed" for each in parts) > 10
    assert all(each["value"] is None for each in parts if each["status"] == "suppressed")
    assert answer["suppression"] == {"below": 5, "period": "quarter"}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "measure"),
        ({"measure": "knife-crime", "table": "finance"}, "measure"),
        ({"measure": "knife-crime", "column": "current"}, "column"),
        ({"table": "police-and-crime-plan", "column": "current", "window": "12m"}, "window"),
        ({"table": "police-and-crime-plan", "column": "colour"}, "column"),
        ({"table": "police-and-crime-plan", "column": "current", "row": 15}, "row"),
        ({"table": "finance", "column": "variance"}, "section"),
    ],
)
async def test_what_cannot_be_explained_is_refused_by_name(get, asked, field):
    refusal = await get("/v1/explain", code=422, dataset="demo", end="2017-06-30", **asked)
    assert [each["field"] for each in refusal["errors"]] == [field]


def test_a_tree_whose_parts_do_not_add_up_is_found():
    leaf = {"how": "sum", "value": 3, "status": "complete", "parts": [{"value": 1}, {"value": 1}]}
    with pytest.raises(Disagreement):
        retrace(leaf)
