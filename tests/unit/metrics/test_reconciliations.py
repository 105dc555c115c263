"""A printed table against what is computed, and its printed sums against their printed parts."""

import csv
import io
from datetime import date

import pytest

from local.demo.printed import rows as printed_rows
from services.metrics.periods import Window
from services.metrics.reconciliations.numbers import Printed, printed, rounds_to
from services.metrics.reconciliations.spans import named_span
from tests.unit.metrics import published
from tests.unit.metrics.board import Board
from tests.unit.metrics.demonstrated import Demonstration
from tests.unit.metrics.publishing import press

LONDON = "E12000007"
FUND = "crime-prevention-fund"


@pytest.fixture
def board():
    """What the two printed tables print, but for one robbery too many and a borough's share that was paid later."""
    found = Board()
    for row in printed_rows("twelve_months.csv"):
        for month, year in (("2015-07", "previous"), ("2016-07", "current")):
            found.count(row["measure"], month, int(row[year]))
    found.count("total-robbery", "2017-06", 1)
    for row in printed_rows("crime_prevention_fund.csv"):
        found.post(FUND, "2017-18", int(row[FUND]), row["area"])
    return found


@pytest.fixture
async def reconciled(board, tmp_path):
    """Posts a printed table, as CSV text or as rows of JSON; answers the response."""
    async with press(board, tmp_path) as running:

        async def post(rows, **asked):
            asked = {"dataset": "board", "end": "2017-06-30"} | asked
            if isinstance(rows, str):
                headers = {"content-type": "text/csv"}
                return await running.client.post("/v1/reconciliations", content=rows, params=asked, headers=headers)
            return await running.client.post("/v1/reconciliations", json=asked | {"rows": rows})

        yield post


def text_of(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def differences(answer):
    assert answer.status_code == 200, answer.text
    return {
        (each.get("measure"), each.get("area", LONDON), each["column"]): (each["printed"], each["computed"])
        for each in answer.json()["differences"]
    }


ONE_ROBBERY = {
    ("total-robbery", LONDON, "current"): (26_336, 26_337),
    ("total-robbery", LONDON, "change"): (4_907, 4_908),
}


@pytest.mark.parametrize("as_csv", [True, False])
async def test_the_15_rows_that_were_printed_differ_where_the_counts_do_and_add_up(reconciled, as_csv):
    rows = printed_rows("twelve_months.csv")
    answer = await reconciled(text_of(rows) if as_csv else rows, table="police-and-crime-plan")
    assert differences(answer) == ONE_ROBBERY
    told = answer.json()
    assert (told["compared"], told["sums_checked"], told["sums"]) == (60, 30, [])
    assert (told["only_printed"], told["only_computed"], told["not_compared"]) == ([], [], ["plan_area"])
    (robbery,) = [each for each in told["differences"] if each["column"] == "current"]
    assert (robbery["title"], robbery["difference"], robbery["rounding"]) == ("Total Robbery", 1, False)


async def test_the_published_file_is_understood_by_its_own_headings(reconciled):
    rows = published.table("q1-2017-18-recorded-crime-12-months.csv")
    answer = await reconciled(text_of(rows), table="police-and-crime-plan")
    assert differences(answer) == ONE_ROBBERY
    assert answer.json()["columns"] == {
        "crime_category": "title",
        "jul_2015_to_jun_2016": "previous",
        "jul_2016_to_jun_2017": "current",
        "change": "change",
        "percent_change": "percent_change",
    }


async def test_the_report_is_understood_as_it_prints_its_table_and_each_misprint_is_listed(reconciled):
    headings, *lines = published.report("Police and Crime Plan Area")
    rows = [dict(zip(headings, line, strict=True)) for line in lines]
    answer = await reconciled(text_of(rows), table="police-and-crime-plan")
    assert (differences(answer), answer.json()["compared"], answer.json()["sums"]) == (ONE_ROBBERY, 60, [])
    for place, column, before, after in (
        (4, "July 2015 - June 2016", "33,218", "33,128"),
        (7, "July 2016 - June 2017", "13,121", "13,112"),
        (8, "Change", "783", "738"),
        (14, "% Change", "18.7%", "17.8%"),
    ):
        assert rows[place][column] == before
        rows[place][column] = after
    answer = await reconciled(text_of(rows), table="police-and-crime-plan")
    assert differences(answer) == ONE_ROBBERY | {
        ("theft-person", LONDON, "previous"): (33_128, 33_218),
        ("knife-crime", LONDON, "current"): (13_112, 13_121),
        ("gun-crime", LONDON, "change"): (738, 783),
        ("disability-hate-crime", LONDON, "percent_change"): (17.8, 18.7),
    }
    assert {each["place"]: (each["printed"], each["computed"]) for each in answer.json()["sums"]} == {
        "Total Theft Person, change": (8_481, 8_571),
        "Total Theft Person, % change": (25.5, 25.9),
        "Knife Crime, change": (3_336, 3_327),
        "Knife Crime, % change": (34.1, 34.0),
        "Gun Crime, change": (738, 783),
        "Disability Hate Crime, % change": (17.8, 18.7),
    }


async def test_days_that_are_not_the_tables_are_compared_with_nothing(reconciled):
    headings, *lines = published.report("Police and Crime Plan Area")
    rows = [dict(zip(headings, line, strict=True)) for line in lines]
    other = await reconciled(text_of(rows), table="police-and-crime-plan", end="2017-05-31")
    (refusal,) = other.json()["errors"]
    assert (other.status_code, refusal["field"]) == (422, "end")
    assert "2016-06-01 to 2017-05-31" in refusal["message"]
    assert "'July 2015 - June 2016'" in refusal["message"]
    mistyped = [{name.replace("July 2015", "July 2014"): cell for name, cell in row.items()} for row in rows]
    told = (await reconciled(text_of(mistyped), table="police-and-crime-plan")).json()
    assert "July 2014 - June 2016" in told["not_compared"]
    assert sorted(told["columns"].values()) == ["change", "current", "percent_change", "title"]


async def test_the_reports_fund_is_understood_as_it_is_printed(reconciled):
    headings, *lines = published.report("Boroughs\tTotal Allocation")
    answer = await reconciled(
        text_of([dict(zip(headings, line, strict=True)) for line in lines]), table="commissioning"
    )
    told = answer.json()
    assert (differences(answer), told["compared"], told["only_printed"], told["only_computed"]) == ({}, 33, [], [])
    assert [(each["printed"], each["computed"], each["difference"]) for each in told["sums"]] == [
        (16_777_584, 16_777_585, 1)
    ]


@pytest.mark.parametrize("heading", ["% Change", "%Change", "% change", "Percentage change", "percent_change"])
async def test_a_percentage_is_known_however_it_is_headed(reconciled, heading):
    answer = await reconciled([{"title": "Gun Crime", heading: "42.1%"}], table="police-and-crime-plan")
    assert (differences(answer), answer.json()["columns"][heading]) == ({}, "percent_change")


@pytest.mark.parametrize("source", ["printed", "published"])
async def test_the_funds_rows_come_to_a_pound_more_than_its_printed_total(reconciled, source):
    if source == "published":
        text = text_of(published.table("london-crime-prevention-fund-2017-18.csv"))
    else:
        text = text_of(printed_rows("crime_prevention_fund.csv"))
    answer = await reconciled(text, table="commissioning")
    told = answer.json()
    assert (differences(answer), told["compared"], told["sums_checked"]) == ({}, 33, 1)
    assert told["sums"] == [
        {
            "place": "Printed total",
            "printed": 16_777_584,
            "computed": 16_777_585,
            "difference": 1,
            "rounding": True,
        }
    ]


async def test_a_share_that_was_misprinted_stands_out_twice(reconciled):
    rows = [dict(row) for row in printed_rows("crime_prevention_fund.csv")]
    camden = next(row for row in rows if row["borough"] == "Camden")
    camden[FUND] = "£582,000"
    answer = await reconciled(rows, table="commissioning")
    assert differences(answer) == {(FUND, "E09000007", "value"): (582_000, 528_000)}
    assert [(each["difference"], each["rounding"]) for each in answer.json()["sums"]] == [(54_001, False)]


async def test_without_all_of_the_parts_no_total_is_held_against_them(reconciled):
    rows = printed_rows("crime_prevention_fund.csv")[1:]
    told = (await reconciled(rows, table="commissioning")).json()
    assert (told["sums_checked"], told["sums"]) == (0, [])
    assert [each["title"] for each in told["only_computed"]] == ["Barking and Dagenham, London Crime Prevention Fund"]


async def test_a_printed_change_is_held_against_the_printed_figures(reconciled):
    rows = [{"measure": "Gun Crime", "before": "1,862", "now": "2,645", "change": 785, "% change": "42.0%"}]
    answer = await reconciled(rows, table="police-and-crime-plan")
    assert {each["place"]: (each["printed"], each["computed"]) for each in answer.json()["sums"]} == {
        "Gun Crime, change": (785, 783),
        "Gun Crime, % change": (42, 42.1),
    }
    assert differences(answer) == {
        ("gun-crime", LONDON, "change"): (785, 783),
        ("gun-crime", LONDON, "percent_change"): (42, 42.1),
    }


async def test_what_is_rounded_is_said_to_be(reconciled):
    rows = [{"title": "Gun Crime", "percent_change": "42"}, {"title": "Knife Crime", "percent_change": "35"}]
    answer = (await reconciled(rows, table="police-and-crime-plan")).json()
    assert [(each["title"], each["rounding"]) for each in answer["differences"]] == [
        ("Gun Crime", True),
        ("Knife Crime", False),
    ]


async def test_printed_totals_of_money_are_held_against_their_lines(reconciled, board):
    board.post("savings-planned", "2017-18-Q1", -65.9, line="Total - MPS Savings 2017/18")
    lines = [
        ("Savings that are forecast to be delivered in full (high confidence of delivery of savings)", -61.3),
        ("Savings with timing delivery problems (confidence in delivery of savings but with delays)", -2.5),
        ("Savings with structural delivery problems", -2.2),
        ("Total - MPS Savings 2017/18", -65.9),
    ]
    rows = [{"line": line, "planned": planned} for line, planned in lines]
    told = (await reconciled(rows, table="finance", section="savings")).json()
    assert [(each["place"], each["printed"], each["computed"], each["rounding"]) for each in told["sums"]] == [
        ("Total - MPS Savings 2017/18, planned saving", -65.9, -66, True)
    ]
    unknown = [each for each in told["differences"] if each["computed"] is None]
    assert (len(unknown), {each["difference"] for each in unknown}) == (3, {None})


async def test_a_boroughs_rows_are_told_apart_by_borough_and_priority(reconciled, board):
    for month, count in (("2016-05", 100), ("2017-05", 144)):
        board.count("total-burglary", month, count, area="E09000004")
        board.count("total-robbery", month, 10, area="E09000004")
    rows = [
        {"Borough": "Bexley", "Priority": "Burglary", "before": 100, "now": 144, "change": 44, "%": "45%"},
        {"Borough": "bexley", "Priority": "Non Domestic Abuse Violence with Injury", "%": "19%"},
    ]
    answer = await reconciled(rows, table="local-priorities")
    told = answer.json()
    assert differences(answer) == {
        ("total-burglary", "E09000004", "percent_change"): (45, 44),
        ("non-domestic-abuse-violence-with-injury", "E09000004", "percent_change"): (19, None),
    }
    assert [(each["place"], each["printed"], each["computed"]) for each in told["sums"]] == [
        ("Bexley, Burglary, % change", 45, 44)
    ]


async def test_of_a_figure_that_is_withheld_no_difference_is_told(tmp_path):
    asked = {"table": "police-and-crime-plan", "area": "Camden", "dataset": "demo", "end": "2017-06-30"}
    async with press(Demonstration().reader, tmp_path) as running:
        for guess in range(9):
            body = {**asked, "rows": [{"title": "Transgender Hate Crime", "current": guess}]}
            answer = (await running.client.post("/v1/reconciliations", json=body)).json()
            (told,) = answer["differences"]
            assert (told["computed"], told["difference"], told["rounding"]) == (None, None, False)
            assert told["status"] == "suppressed"


async def test_every_tables_own_file_is_reconciled_with_it_without_a_difference(tmp_path):
    async with press(Demonstration().reader, tmp_path) as running:
        for table in (await running.ask("/v1/tables")).json()["tables"]:
            for area in [LONDON] if table["areas"] == "london" else [LONDON, "E09000007"]:
                asked = {"area": area, "dataset": "demo", "end": "2017-06-30"}
                text = (await running.ask(f"/v1/tables/{table['id']}", accept="text/csv", **asked)).text
                asked["table"], headers = table["id"], {"content-type": "text/csv"}
                answer = await running.client.post("/v1/reconciliations", content=text, params=asked, headers=headers)
                told = answer.json()
                assert answer.status_code == 200, (table["id"], area, told)
                assert (told["differences"], told["only_printed"], told["only_computed"]) == ([], [], []), table["id"]
                assert told["compared"] > 0 or area != LONDON, table["id"]  # a month of a borough is withheld


async def test_a_row_of_another_area_is_none_of_the_tables(reconciled):
    rows = [{"area": area, "title": "Gun Crime", "current": 2645} for area in ("London", "Camden")]
    told = (await reconciled(rows, table="police-and-crime-plan")).json()
    assert (told["compared"], [each["row"] for each in told["only_printed"]]) == (1, [1])


async def test_rows_and_figures_that_only_one_side_has_are_listed(reconciled):
    rows = [{"title": "Gun Crime", "current": 2645}, {"title": "Cattle rustling", "current": 3}]
    told = (await reconciled(rows, table="police-and-crime-plan")).json()
    assert told["only_printed"] == [{"row": 1, "title": "Cattle rustling", "current": "3"}]
    assert len(told["only_computed"]) == 14


@pytest.mark.parametrize(
    ("field", "rows", "asked"),
    [
        ("table", [{"title": "Gun Crime"}], {"table": "gun-crime"}),
        ("rows", [], {}),
        ("rows", [{"title": "Cattle rustling", "current": "3"}], {}),
        ("rows", [{"current": "3"}], {}),
        ("rows", [{"title": "Gun Crime", f"heading {number}": 1} for number in range(100)], {}),
        ("rows", [{"title": "Gun Crime", "colour": "red"}], {}),
        ("rows[0].current", [{"title": "Gun Crime", "current": "many"}], {}),
        ("rows[1]", [{"title": "Gun Crime", "current": 1}, {"title": "gun-crime", "current": 2}], {}),
        ("columns", [{"title": "Gun Crime", "x": 1}], {"columns": {"x": "y"}}),
        ("columns", [{"title": "Gun Crime", "current": 1, "now": 2}], {}),
        ("section", [{"title": "Gun Crime", "current": 1}], {"section": "none"}),
        ("end", [{"title": "Gun Crime", "current": 1}], {"end": "soon"}),
        ("colour", [{"title": "Gun Crime", "current": 1}], {"colour": "red"}),
        ("rows[1]", [{"title": "Gun Crime", "current": 1}, {"title": "Knife Crime", "current": [2]}], {}),
        ("rows[0]", [{"title": "Gun Crime", "current": True}], {}),
        ("rows[0]", [{"title": "Gun Crime", "current": "1" * 501}], {}),
        ("rows[0]", [{"title": "Gun Crime", "c" * 201: 1}], {}),
        ("rows[0].current", [{"title": "Gun Crime", "current": 1e30}], {}),
        ("rows", [{"title": "Gun Crime", "current": 1}] * 2001, {}),
        ("columns", [{"title": "Gun Crime", "current": 1}], {"columns": {str(number): "x" for number in range(101)}}),
        ("columns.x", [{"title": "Gun Crime", "current": 1}], {"columns": {"x": 1}}),
        ("rows", "title,current\n" + "Gun Crime,1\n" * 2001, {}),
        ("rows", "title,current\n", {}),
        ("rows", "", {}),
        ("rows", "title,title\nGun Crime,1\n", {}),
        ("rows[0]", "title,current\nGun Crime,2,645\n", {}),
        ("column", "title,x\nGun Crime,1\n", {"column": "x"}),
    ],
)
async def test_what_cannot_be_reconciled_is_refused_by_field(reconciled, field, rows, asked):
    answer = await reconciled(rows, **({"table": "police-and-crime-plan"} | asked))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_a_row_that_may_be_several_is_refused_with_what_would_tell_them_apart(reconciled, board):
    board.count("calls", "2017-06", 3)
    rows = [{"title": "All crimes on record", "current": 3}, {"section": "", "title": "", "current": 3}]
    answer = await reconciled(rows, table="data-quality")
    assert answer.status_code == 200
    assert answer.json()["only_printed"] == [{"row": 1, "current": "3"}]


async def test_a_heading_can_be_told_what_it_means(reconciled):
    text = "Category,This year\nGun Crime,2645\n"
    answer = await reconciled(text, table="police-and-crime-plan", column="This year:current")
    assert (differences(answer), answer.json()["compared"]) == ({}, 1)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"rows": [{"current": 1e400}]}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"title,current\n\xff,1\n", "text/csv", 400),
        (b'title,current\n"Gun,1\n', "text/csv", 400),
        (b"a: 1", "application/yaml", 415),
        (b"x" * (1024 * 1024 + 1), "text/csv", 413),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_problem(board, tmp_path, body, kind, status):
    async with press(board, tmp_path) as running:
        headers = {"content-type": kind}
        asked = {} if "json" in kind else {"table": "police-and-crime-plan"}
        answer = await running.client.post("/v1/reconciliations", content=body, params=asked, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_body_that_is_wrong_all_over_is_refused_in_few_words(board, tmp_path):
    row = {f"{number}": [] for number in range(100)}
    wrong = [{"rows": [row] * 900}, {"columns": dict.fromkeys(map(str, range(9999)), 1)}, dict.fromkeys(row)]
    async with press(board, tmp_path) as running:
        for each in wrong:
            answer = await running.client.post("/v1/reconciliations", json={"table": "police-and-crime-plan", **each})
            assert (answer.status_code, len(answer.content) < 1000) == (422, True)


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("16,777,584", 16_777_584, 0),
        ("£21.0m", 21, 1),
        ("(1,213)", -1_213, 0),
        ("- 121.5", -121.5, 1),
        ("\u22128", -8, 0),
        ("+5.6%", 5.6, 1),
        ("0", 0, 0),
    ],
)
def test_numbers_are_read_as_they_are_printed(text, value, decimals):
    assert printed(text) == Printed(value, decimals)


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("jul 2015 to jun 2016", ("2015-07-01", "2016-06-30")),
        ("july 2015 june 2016", ("2015-07-01", "2016-06-30")),
        ("january 2016 february 2016", ("2016-01-01", "2016-02-29")),
        ("jul 0000 to jun 0000", None),
        ("jul 9999 to dec 9999", None),
        ("july 2015", None),
        ("change", None),
    ],
)
def test_the_days_that_a_heading_names(words, span):
    assert named_span(words) == (span and Window(*map(date.fromisoformat, span)))


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "No data", ".."])
def test_nothing_printed_is_not_zero(text):
    assert printed(text) is None


@pytest.mark.parametrize("text", ["many", "1,23", "1.2.3", "12 and 3", "1e5", "--5", "nan", "9" * 16, "(5"])
def test_what_is_no_number_is_refused_with_what_would_be(text):
    with pytest.raises(ValueError, match="write digits"):
        printed(text)


def test_a_figure_rounds_half_away_from_zero_to_what_is_printed():
    assert rounds_to(12.5, Printed(13, 0))
    assert not rounds_to(12.5, Printed(12, 0))
    assert rounds_to(-0.05, Printed(-0.1, 1))
