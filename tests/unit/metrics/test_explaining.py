"""The parts that an explanation lists add up to the figure that it explains: every measure, every cell of a table."""

import re
from datetime import date
from html import unescape

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.tables.parts import flattened
from shared.reference.register import read_register
from tests.unit.metrics.demonstrated import CAMDEN, CITY, KNOWN, LONDON, Demonstration, calls
from tests.unit.metrics.loaded import Loaded
from tests.unit.metrics.retraced import Disagreement, retrace

measures = st.sampled_from([each.id for each in KNOWN.measures])
windows = st.sampled_from(["week", "month", "3m", "quarter", "12m", "fytd"])
against = st.sampled_from(["year-before", "period-before", "3y-average"])
days = st.dates(date(2015, 6, 1), date(2017, 9, 30))


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
    told = dict.fromkeys([table.id for table in tables.declared], 0)
    for table in tables.declared:
        for area in [LONDON] if table.areas == "london" else [LONDON, CAMDEN]:
            async for at, line, column in cells(get, table, area):
                if isinstance(line.get(column), int | float) and not isinstance(line[column], bool):
                    await explained(get, at, line, column)
                    told[table.id] += 1
    assert all(told.values()), told
    assert sum(told.values()) > 1500


@pytest.mark.slow
async def test_what_tables_leave_out_for_a_break_is_explained_as_left_out_and_all_else_as_it_stands(
    demonstration, tmp_path
):
    (tmp_path / "own.toml").write_text(BROKEN.replace('measures = ["total-burglary"]', 'of = "crime"'))
    broken = Demonstration(read_register(KNOWN, tmp_path / "own.toml"))
    told = {True: 0, False: 0}
    for table in broken.tables.declared:
        without = [line.get(column) async for _, line, column in cells(demonstration.get, table, LONDON)]
        places = [each async for each in cells(broken.get, table, LONDON)]
        for (at, line, column), figure in zip(places, without, strict=True):
            if column.endswith(("change", "gap")) and figure is not None:
                told["barred_by" in await explained(broken.get, at, line, column)] += 1
    assert min(told.values()) > 100, told


async def cells(get, table, area):
    """Every place of a table's sections: how /v1/explain is asked for it, its line and its column."""
    asked = {"end": "2017-06-30", "dataset": "demo", "area": area}
    answer = await get(f"/v1/tables/{table.id}", **asked)
    for section in answer["sections"]:
        lines = [row for row in flattened(answer["rows"]) if row.get("section", "") == section["id"]]
        for number, line in enumerate(lines):
            for column in (each["key"] for each in section["columns"]):
                at = {"table": table.id, "section": section["id"], "row": number, "column": column}
                yield at | asked, line, column


async def explained(get, at, line, column):
    """The cell's tree; AssertionError where its parts do not come to what stands in it."""
    answer = await get("/v1/explain", **at)
    retrace(answer["figure"])
    assert answer["figure"]["value"] == answer["value"] == line[column], (at, line)
    return answer["figure"]


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


async def test_a_boroughs_cell_is_explained_as_the_boroughs_and_leads_back_to_its_table(demonstration, get):
    table = await get("/v1/tables/local-priorities", end="2017-06-30", dataset="demo")
    row = next(n for n, line in enumerate(flattened(table["rows"])) if line["area"] == CAMDEN)
    at = {"table": "local-priorities", "row": row, "column": "percent_change", "end": "2017-06-30", "dataset": "demo"}
    assert (await get("/v1/explain", **at))["area"] == CAMDEN
    page = (await demonstration.answer("/explain", **at | {"row": 0, "area": CAMDEN})).text
    assert "<h1>Camden: " in page
    back = unescape(re.search(r'<a href="(/tables/[^"]*)">', page)[1])
    assert re.search(r"<h1>[^<]*: Camden, to 30 June 2017</h1>", (await demonstration.answer(back)).text)


@settings(max_examples=150)
@given(measure=measures, area=st.sampled_from(list(KNOWN.areas)), window=windows, end=days, yardstick=against)
async def test_whatever_is_asked_the_parts_come_to_the_figure(get, measure, area, window, end, yardstick):
    asked = {"measure": measure, "area": area.id, "window": window, "end": end.isoformat(), "dataset": "demo"}
    answer = await get("/v1/explain", **asked, against=yardstick, across_breaks=True)
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


BROKEN = """
[[break]]
id = "new-system"
on = 2016-10-01
title = "A new system"
reason = "Two kinds are recorded as one."
measures = ["total-burglary"]
"""
BURGLARY = {"measure": "total-burglary", "end": "2017-06-30", "dataset": "demo"}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """The demonstration, in which the series of burglary breaks off in October 2016."""
    path = tmp_path_factory.mktemp("register") / "own.toml"
    path.write_text(BROKEN)
    return Demonstration(read_register(KNOWN, path))


async def test_across_a_break_a_comparison_is_explained_only_where_it_is_asked_for_as_compare_answers_it(broken):
    for path in ("/v1/compare", "/v1/explain"):
        (refusal,) = (await broken.get(path, code=422, **BURGLARY))["errors"]
        assert refusal["field"] == "across_breaks"
        assert "Two kinds are recorded as one." in refusal["message"]
    compared = await broken.get("/v1/compare", **BURGLARY, across_breaks=True)
    answer = await broken.get("/v1/explain", **BURGLARY, across_breaks=True)
    assert answer["figure"]["value"] == compared["value"]
    assert answer["baseline"]["value"] == compared["baseline"]["value"]
    assert answer["breaks"] == compared["breaks"] != []
    assert answer["caveats"][0].startswith("The series breaks on 1 October 2016. A new system: Two kinds")
    assert answer["caveats"][0].endswith("compared, as was asked for.")


@settings(max_examples=100)
@given(
    measure=st.one_of(st.just("total-burglary"), measures),
    window=windows,
    end=days,
    yardstick=st.sampled_from(["year-before", "period-before", "3y-average", "target"]),
    across=st.booleans(),
)
async def test_what_compare_refuses_is_not_explained_and_what_it_answers_is(
    broken, measure, window, end, yardstick, across
):
    asked = {"measure": measure, "window": window, "end": end.isoformat(), "dataset": "demo", "against": yardstick}
    compared, explained = [
        await broken.answer(path, code=None, **asked, across_breaks=across) for path in ("/v1/compare", "/v1/explain")
    ]
    assert explained.status_code == compared.status_code
    if compared.status_code == 200:
        assert explained.json()["figure"]["value"] == compared.json()["value"]
        assert explained.json()["breaks"] == compared.json()["breaks"]
    else:
        assert explained.json()["errors"] == compared.json()["errors"]


async def test_what_a_source_has_sent_is_explained_by_how_late_it_came_with_its_freshness(get):
    at = {"table": "data-quality", "section": "sources", "row": 0, "end": "2017-06-30", "dataset": "demo"}
    answer = await get("/v1/explain", **at, column="records")
    assert retrace(answer["figure"]) == answer["value"]
    assert answer["figure"]["title"] == "Records"
    assert "how many days after their own day they came" in answer["figure"]["definition"]
    assert {each["kind"] for each in answer["sources"]} == {"crime"}
    assert [each["topic"] for each in answer["offsets"]] == ["tests.crime"]


class Arriving(Loaded):
    """Calls come in, one each time that the counts of calls have been read, as long as there are any."""

    coming = 0

    async def sums(self, kind, dataset, windows):
        found = await super().sums(kind, dataset, windows)
        if kind == "call" and self.coming:
            self.coming -= 1
            call = msgspec.structs.replace(
                next(calls()), call_id=f"late-{self.coming}", received_at="2017-06-20T12:00:00Z"
            )
            self._load("call", [call])
        return found


async def test_a_count_that_comes_in_between_a_table_and_the_parts_of_its_cell_parts_neither():
    moving = Demonstration(loaded=Arriving)
    at = {
        "table": "calls-by-category",
        "section": "totals",
        "column": "current",
        "end": "2017-06-30",
        "dataset": "demo",
    }
    before = (await moving.get("/v1/explain", **at))["value"]
    moving.reader.coming = 2
    answer = await moving.get("/v1/explain", **at)
    assert retrace(answer["figure"]) == answer["value"] == before + 2


async def test_days_of_one_side_of_a_break_are_explained_unasked(broken):
    month = BURGLARY | {"window": "month", "against": "period-before"}
    answer = await broken.get("/v1/explain", **month)
    assert (answer["breaks"], [each for each in answer["caveats"] if "breaks on" in each]) == ([], [])


async def test_a_change_that_a_table_leaves_out_for_a_break_is_explained_as_left_out_and_given_when_asked_for(broken):
    table = await broken.get("/v1/tables/police-and-crime-plan", end="2017-06-30", dataset="demo")
    row = next(n for n, each in enumerate(table["rows"]) if each["measure"] == "total-burglary")
    cell = {"table": table["id"], "row": row, "end": "2017-06-30", "dataset": "demo"}
    for column in ("change", "percent_change"):
        unasked = await broken.get("/v1/explain", **cell, column=column)
        assert (unasked["value"], unasked["figure"]["value"]) == (None, None)
        assert unasked["figure"]["barred_by"] == ["new-system"]
        assert "Two kinds are recorded as one." in unasked["caveats"][0]
        asked = await broken.get("/v1/explain", **cell, column=column, across_breaks=True)
        retrace(asked["figure"])
        compared = await broken.get("/v1/compare", **BURGLARY, across_breaks=True)
        assert (asked["value"], asked["figure"]["value"]) == (None, compared[column])
    current = await broken.get("/v1/explain", **cell, column="current")
    assert current["figure"]["value"] == table["rows"][row]["current"]


async def test_a_cell_is_explained_with_its_tables_own_caveats(demonstration):
    told = 0
    for table in demonstration.tables.declared:
        page = (await demonstration.answer(f"/tables/{table.id}", end="2017-06-30", dataset="demo")).text
        address = unescape(re.search(r'<a href="(/explain[^"]*)">', page)[1])
        assert set(table.caveats) <= set((await demonstration.get(f"/v1{address}"))["caveats"])
        told += len(table.caveats)
    assert told


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
