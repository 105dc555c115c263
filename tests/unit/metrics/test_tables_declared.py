"""Tables are data: what a declaration may say, what is refused at start, and that layouts stay pure."""

from pathlib import Path

import pytest

from services.metrics.tables import declared, read_tables
from shared.reference import InconsistentReference
from tests.architecture.house import modules, within
from tests.unit.metrics.board import Board, tables_of

HEAD = """
id = "mine"
order = 1
title = "Mine"
shows = "Something."
of = "crime"
"""
COMPARED = (
    'layout = "comparison"\nrows = ["knife-crime"]\ncomparisons = [{ window = "12m", against = "year-before" }]\n'
)
MONEY = """
layout = "statement"
breakdown = ["line"]
tolerance = 0.1
columns = [{ key = "budget", title = "Budget", measure = "revenue-budget-to-date" }]
"""


class Text:
    """A declaration as a file would hold it."""

    def __init__(self, text, name="mine.toml"):
        self.name, self._text = name, text

    def read_text(self, encoding):
        return self._text


def read(known, sections, head=HEAD, name="mine.toml"):
    return read_tables([Text(head + "".join(f"[[sections]]\n{each}\n" for each in sections), name)], known)


async def test_a_new_table_of_a_layout_is_a_few_declared_lines(known):
    (table,) = read(known, [COMPARED])
    board = Board()
    board.count("knife-crime", "2017-06", 12)
    tables = tables_of(board)
    london = known.areas.resolve("London")
    answer = await tables.fill(table, board.dataset, await tables.last_end(table, board.dataset), london)
    assert [(row["measure"], row["current"]) for row in answer.rows()] == [("knife-crime", 12)]


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ([COMPARED.replace("knife-crime", "knive-crime")], ["sections[0]", "rows", "'knive-crime'", "knife-crime"]),
        ([COMPARED.replace("knife-crime", "knives-*")], ["sections[0]", "rows", "'knives-*'"]),
        ([COMPARED.replace("comparison", "comparision", 1)], ["sections[0]", "comparision"]),
        ([COMPARED.replace("12m", "13m")], ["sections[0].comparisons[0].window", "13m"]),
        ([COMPARED.replace("12m", "custom")], ["comparisons", "windows follow"]),
        ([COMPARED.replace("year-before", "baseline")], ["comparisons", "windows follow"]),
        ([COMPARED + "colour = 1"], ["sections[0]", "colour"]),
        ([COMPARED, COMPARED], ["sections", "id of its own"]),
        ([], ["sections"]),
        (['layout = "months"\nrows = ["knife-crime"]\nmonths = 0'], ["months", "between 1 and 60"]),
        (['layout = "allocation"\nmeasure = "knife-crime"\ntolerance = 1'], ["measure", "not an indicator"]),
        (['layout = "allocation"\nmeasure = "police-officers-bame"\ntolerance = 1'], ["measure", "not an indicator"]),
        ([MONEY + 'lines = [{ line = "A", nature = "fortune" }]'], ["lines[0].nature", "fortune"]),
        ([MONEY + 'lines = [{ line = "A", nature = "income", total_of = ["B"] }]'], ["lines 'A'", "total_of", "B"]),
        ([MONEY + 'lines = [{ line = ["A", "B"], nature = "income" }]'], ["lines", "by line"]),
        (
            [MONEY.replace("}]", '}, { key = "x", title = "X", of = "budget", against = "spent" }]') + "lines = []"],
            ["columns x", "against"],
        ),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_of_the_table_and_the_field(known, sections, told):
    with pytest.raises(InconsistentReference) as raised:
        read(known, sections)
    for words in ["mine.toml", *told]:
        assert words in str(raised.value)


@pytest.mark.parametrize(
    ("head", "name", "told"),
    [
        (HEAD.replace('of = "crime"', 'of = "crimes"'), "mine.toml", "$.of"),
        (HEAD + 'areas = "boros"\n', "mine.toml", "$.areas"),
        (HEAD, "other.toml", "call it mine.toml"),
        (HEAD.replace("order = 1", "order = "), "mine.toml", "mine.toml"),
    ],
)
def test_a_head_that_is_wrong_is_refused(known, head, name, told):
    with pytest.raises(InconsistentReference) as raised:
        read(known, [COMPARED], head, name)
    assert told in str(raised.value)


def test_two_tables_of_one_title_are_refused(known):
    other = HEAD.replace('"mine"', '"other"') + f"[[sections]]\n{COMPARED}"
    with pytest.raises(InconsistentReference, match="stands for both"):
        read_tables([Text(f"{HEAD}[[sections]]\n{COMPARED}"), Text(other, "other.toml")], known)


def test_the_plan_holds_the_first_fifteen_measures_in_their_order(known):
    (section,) = declared(known).resolve("police-and-crime-plan").sections
    assert list(section.rows) == [measure.id for measure in known.measures][:15]


def test_every_file_of_declarations_is_read(known):
    folder = Path(__file__).parents[3] / "services" / "metrics" / "tables" / "declared"
    assert {f"{table.id}.toml" for table in declared(known)} == {path.name for path in folder.iterdir()}


def test_layouts_are_pure():
    impure = ("fastapi", "redis", "services.metrics.queries", "services.metrics.store", "services.metrics.params")
    layouts = [each for each in modules("services") if within(each.name, ["services.metrics.tables.layouts"])]
    assert len(layouts) > 8
    assert [f"{each.name}: {name}" for each in layouts for name in each.imports() if within(name, impure)] == []
