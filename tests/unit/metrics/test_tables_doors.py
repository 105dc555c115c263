"""The tables' routes and pages, over the real engine: what is listed, asked, refused and read."""

import csv
import io
from html.parser import HTMLParser

import httpx
import pytest

from services.metrics import api, pages
from services.metrics.queries import Queries
from shared.reference import reference
from shared.web import make_app
from tests.unit.metrics.board import CLOCK, DATASET, Board, tables_of

TABLES = [
    "police-and-crime-plan",
    "local-priorities",
    "neighbourhood-crime",
    "high-harm",
    "hate-by-month",
    "calls-by-category",
    "stop-and-search",
    "inequalities",
    "workforce",
    "finance",
    "commissioning",
    "data-quality",
]


@pytest.fixture
def board():
    found = Board()
    for month in ("2016-06", "2017-01", "2017-02", "2017-03", "2017-04", "2017-05", "2017-06"):
        found.count("total-notifiable-offences", month, 65_000)
        found.count("knife-crime", month, 1_000 if month > "2017-03" else 1_200)
    found.post("good-job", "2017-18-Q1", 68.6)
    found.post("good-job", "2017-18-Q1", 62.3, ethnicity="Black")
    found.post("revenue-actual-to-date", "2017-18-Q1", 445.0, line="Police Officer Pay")
    found.post("revenue-budget-to-date", "2017-18-Q1", 452.1, line="Police Officer Pay")
    found.post("crime-prevention-fund", "2017-18", 30)
    for area in reference().priorities:
        found.post("crime-prevention-fund", "2017-18", 1, area)
    return found


@pytest.fixture
async def ask(board):
    queries, tables, known = Queries(board, CLOCK, reference()), tables_of(board), reference()
    app = make_app("metrics", summary="", lifespan=None, checks={})
    app.include_router(api.router(known, queries, tables))
    app.include_router(pages.router(known, queries, tables))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://metrics") as client:
        yield lambda path, accept="*/*", **asked: client.get(path, params=asked, headers={"accept": accept})


async def test_every_table_is_listed_with_what_it_shows_and_takes(ask):
    listed = (await ask("/v1/tables")).json()["tables"]
    assert [each["id"] for each in listed] == TABLES
    for each in listed:
        assert each["title"]
        assert each["shows"].endswith(".")
        assert set(each["parameters"]) == {"end", "quarter", "area", "dataset", "format"}
        assert each["href"] == f"/v1/tables/{each['id']}"


@pytest.mark.parametrize("table", TABLES)
async def test_each_table_says_what_it_rests_on_and_no_row_has_a_figure_without_a_status(ask, table):
    answer = await ask(f"/v1/tables/{table}", end="2017-06-30", dataset=DATASET)
    told = answer.json()
    assert answer.status_code == 200, told
    assert (told["id"], told["end"], told["dataset"], told["area"]) == (table, "2017-06-30", DATASET, "E12000007")
    assert {"as_of", "caveats", "sections", "rows"} <= set(told)
    for row in told["rows"]:
        for line in row.get("priorities", [row]):
            statuses = [value for name, value in line.items() if name.endswith("status")]
            assert statuses
            assert set(statuses) <= {"complete", "partial", "incomplete", "no-data"}


@pytest.mark.parametrize("table", TABLES)
async def test_each_table_is_the_same_as_csv_by_accept_and_by_format(ask, table):
    asked = {"end": "2017-06-30", "dataset": DATASET}
    by_accept = await ask(f"/v1/tables/{table}", "text/csv", **asked)
    by_format = await ask(f"/v1/tables/{table}", **asked, format="csv")
    assert by_accept.headers["content-type"] == by_format.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_accept.text == by_format.text
    lines = list(csv.DictReader(io.StringIO(by_format.text)))
    rows = (await ask(f"/v1/tables/{table}", "text/csv", **asked, format="json")).json()["rows"]
    assert len(lines) == sum(len(row.get("priorities", [row])) for row in rows)
    assert {line["dataset"] for line in lines} == {DATASET}


@pytest.mark.parametrize("end", ["2017-05-31", "2018-02-28", "2078-12-31"])
async def test_every_table_answers_for_every_day_since_the_data_begin(ask, end):
    for table in TABLES:
        for path in (f"/v1/tables/{table}", f"/tables/{table}"):
            assert (await ask(path, end=end, dataset=DATASET)).status_code == 200, (path, end)


async def test_an_unknown_table_is_not_found_and_the_nearest_is_named(ask):
    for path in ("/v1/tables/finances", "/tables/finances"):
        answer = await ask(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert "Finance" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("table", "asked", "field"),
    [
        ("finance", {"end": "yesterday"}, "end"),
        ("finance", {"quarter": "2017-18-Q5"}, "quarter"),
        ("finance", {"quarter": "2017-18-Q1", "end": "2017-06-30"}, "quarter"),
        ("finance", {"area": "Camden"}, "area"),
        ("high-harm", {"area": "Atlantis"}, "area"),
        ("commissioning", {"area": "unknown"}, "area"),
        ("high-harm", {"format": "xml"}, "format"),
        ("high-harm", {"dataset": "Live!"}, "dataset"),
        ("high-harm", {"ends": "2017-06-30"}, "ends"),
        ("police-and-crime-plan", {"end": "2017-06-30", "quarter": "2017-18-Q1"}, "quarter"),
        ("police-and-crime-plan", {"format": "xml"}, "format"),
        ("local-priorities", {"area": "Atlantis"}, "area"),
    ],
)
async def test_what_is_wrong_is_refused_by_the_name_of_the_parameter(ask, table, asked, field):
    answer = await ask(f"/v1/tables/{table}", **asked)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


class Page(HTMLParser):
    """What a page is made of: its texts, its tags, and where it would fetch something from."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("table", TABLES)
async def test_each_table_has_a_page_that_can_be_read_aloud_and_fetches_nothing(ask, table):
    answer = await ask(f"/tables/{table}", end="2017-06-30", dataset=DATASET)
    assert answer.status_code == 200, answer.text
    page = Page(answer.text)
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all("scope" in each for each in page.all("th"))
    assert not [tag for tag in ("script", "link", "img") if page.all(tag)]
    reaches_back = (await ask(f"/tables/{table}", end="2017-03-31", dataset=DATASET)).status_code == 200
    # The next quarter is not over, and before the data begin there is nothing to see.
    assert [each["rel"] for each in page.all("a") if "rel" in each] == (["prev"] if reaches_back else [])
    links = {each["href"] for each in page.all("a")}
    assert f"/v1/tables/{table}?end=2017-06-30&area=E12000007&dataset={DATASET}&format=csv" in links
    assert (f"/tables/{table}?end=2017-03-31&area=E12000007&dataset={DATASET}" in links) == reaches_back


async def test_every_link_of_a_page_to_a_table_answers(ask):
    for path in ("/", "/tables/high-harm"):
        links = {each["href"] for each in Page((await ask(path, dataset=DATASET)).text).all("a")}
        for link in sorted(each for each in links if "tables/" in each):
            assert (await ask(link)).status_code == 200, link


async def test_a_page_says_verdicts_statuses_and_variances_in_words(ask):
    harm = Page((await ask("/tables/high-harm", end="2017-06-30", dataset=DATASET)).text).text
    assert "Knife Crime 3,600 3,000 -600 -16.7% decreased improving" in harm
    assert "1 April 2017 to 30 June 2017 against 1 January 2017 to 31 March 2017" in harm
    assert "worsening partial" in harm or "not known partial" in harm
    assert "Partial: some of the days have no data" in harm
    assert "no data" in harm
    groups = Page((await ask("/tables/inequalities", end="2017-06-30", dataset=DATASET)).text).text
    assert "-6.3 points significantly lower" in groups
    money = Page((await ask("/tables/finance", end="2017-06-30", dataset=DATASET)).text).text
    assert "£452.1m £445.0m -£7.1m underspend" in money
    fund = Page((await ask("/tables/commissioning", end="2017-06-30", dataset=DATASET)).text).text
    assert "printed 30, the parts come to 32, a difference of +2" in fund


async def test_the_first_page_lists_every_table(ask):
    page = Page((await ask("/", dataset=DATASET)).text)
    assert "recorded crimes" in page.text
    assert [f"/tables/{table}" for table in TABLES] == [
        each["href"] for each in page.all("a") if each["href"].startswith("/tables/") and "?" not in each["href"]
    ]


async def test_a_first_page_without_any_record_says_what_to_do(ask):
    page = Page((await ask("/", dataset="nothing")).text)
    assert "No recorded crime yet in the dataset “nothing”" in page.text
    assert Page((await ask("/", dataset="simulated")).text).all("table")


async def test_the_later_period_is_offered_once_it_is_over(ask):
    page = Page((await ask("/tables/high-harm", end="2017-03-31", dataset=DATASET)).text)
    assert [each["href"].split("?")[1][:14] for each in page.all("a") if "rel" in each] == [
        "end=2016-12-31",
        "end=2017-06-30",
    ]
