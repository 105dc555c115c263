"""What is frozen stands as it is, verifies, and is seen by nobody before its embargo ends."""

import asyncio
import base64
import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.errors import Unavailable
from tests.unit.metrics.board import Board
from tests.unit.metrics.demonstrated import Demonstration
from tests.unit.metrics.publishing import NOW, press

MONTHS = [f"{number // 12}-{number % 12 + 1:02d}" for number in range(2015 * 12 + 6, 2017 * 12 + 6)]
RELEASED = datetime(2017, 7, 27, 8, 30, tzinfo=UTC)  # half past nine in London's summer


@pytest.fixture
def board():
    found = Board()
    for number, month in enumerate(MONTHS):
        found.count("total-notifiable-offences", month, 60_000 + 100 * number)
        found.count("total-robbery", month, 2_000)
        found.count("stops-and-searches", month, 10_000)
        found.count("knife-crime", month, 1_000)
    return found


@pytest.fixture
async def printing(board, tmp_path):
    async with press(board, tmp_path) as running:
        yield running


def revised(answer):
    return {(each["measure"], each["column"]): (each["published"], each["today"]) for each in answer["revised"]}


async def test_a_publication_is_the_table_as_it_stood_and_stays_so(printing, board):
    asked = {"end": "2017-06-30", "dataset": "board"}
    table = (await printing.ask("/v1/tables/police-and-crime-plan", **asked)).json()
    made = await printing.publish()
    assert made.status_code == 201, made.text
    board.count("total-robbery", "2017-06", 5)
    kept = (await printing.ask(made.headers["location"])).json()
    assert kept["content"] == table
    assert kept["content"] != (await printing.ask("/v1/tables/police-and-crime-plan", **asked)).json()
    assert {key: kept[key] for key in made.json()} == made.json()
    assert (kept["status"], kept["release_on"], kept["released"]) == ("final", "2017-07-10", True)


async def test_its_hash_is_that_of_the_documents_bytes(printing):
    made = (await printing.publish()).json()
    document = await printing.ask(f"/v1/publications/{made['id']}/document")
    digest = hashlib.sha256(document.content)
    assert made["hash"] == f"sha256:{digest.hexdigest()}"
    assert document.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    told = document.json()
    whole = (await printing.ask(f"/v1/publications/{made['id']}")).json()
    assert (told["content"], told["id"], told["status"]) == (whole["content"], made["id"], "final")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE publications SET document = 'x'",
        "UPDATE publications SET embargo_until = '2000-01-01 00:00:00'",
        "UPDATE OR REPLACE publications SET status = 'final'",
        "DELETE FROM publications",
        "INSERT OR REPLACE INTO publications SELECT * FROM publications",
    ],
)
async def test_the_database_itself_refuses_to_change_or_remove_one(printing, statement):
    made = (await printing.publish()).json()
    before = (await printing.ask(f"/v1/publications/{made['id']}/document")).content
    with pytest.raises(IntegrityError, match="never"), printing.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert (await printing.ask(f"/v1/publications/{made['id']}/document")).content == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE publications SET document = CAST(replace(CAST(document AS TEXT), '24000', '24001') AS BLOB)",
        "UPDATE publications SET status = 'provisional'",
        "UPDATE publications SET embargo_until = '2017-07-01 00:00:00'",
        "UPDATE publications SET id = 'another'",
        "UPDATE publications SET title = 'Another'",
        "UPDATE publications SET dataset = 'live'",
        "UPDATE publications SET ends_on = '2017-03-31'",
        "UPDATE publications SET frozen_at = '2017-07-01 00:00:00'",
    ],
)
async def test_one_that_was_changed_behind_the_triggers_is_shown_to_nobody(printing, change):
    made = (await printing.publish(id="one")).json()
    with printing.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER publications_not_changed"))
        connection.execute(text(change))
        found = connection.execute(text("SELECT id FROM publications")).scalar_one()
    for path in ("", "/document", "/revisions"):
        answer = await printing.ask(f"/v1/publications/{found}{path}", token="publisher")
        assert (answer.status_code, answer.json()["title"]) == (500, "Publication altered")
    assert made["id"] == "one"


async def test_frozen_figures_stand_beside_todays_after_later_events(printing, board):
    made = (await printing.publish()).json()
    path = f"/v1/publications/{made['id']}/revisions"
    same = (await printing.ask(path)).json()
    assert (same["revised"], same["added"], same["removed"]) == ([], [], [])
    assert same["unchanged"] == same["figures"] > 0
    board.count("total-robbery", "2017-06", 48)
    board.count("total-robbery", "2015-09", -24)
    board.count("knife-crime", "2017-05", 10)
    now = (await printing.ask(path)).json()
    assert revised(now) == {
        ("total-robbery", "previous"): (24_000, 23_976),
        ("total-robbery", "current"): (24_000, 24_048),
        ("total-robbery", "change"): (0, 72),
        ("total-robbery", "percent_change"): (0, 0.3),
        ("knife-crime", "current"): (12_000, 12_010),
        ("knife-crime", "change"): (0, 10),
        ("knife-crime", "percent_change"): (0, 0.1),
    }
    (current,) = [e for e in now["revised"] if (e["measure"], e["column"]) == ("total-robbery", "current")]
    assert (current["difference"], current["percent"]) == (48, 0.2)
    lines = list(csv.DictReader(io.StringIO((await printing.ask(path, format="csv")).text)))
    assert [(line["measure"], line["column"]) for line in lines] == [*revised(now)]
    page = (await printing.ask(f"/publications/{made['id']}")).text
    assert "1 July 2016 to 30 June 2017 against 1 July 2015 to 30 June 2016" in page
    assert "24,000" in page
    assert "24,048" in page


async def test_what_is_withheld_today_is_said_to_be_and_is_not_nothing(tmp_path):
    reader = Demonstration().reader
    async with press(reader, tmp_path, below=0) as printing:
        made = (await printing.publish(area="Camden", dataset="demo")).json()
    async with press(reader, tmp_path) as printing:
        path = f"/v1/publications/{made['id']}/revisions"
        lines = (await printing.ask(path)).json()["revised"]
        rows = list(csv.DictReader(io.StringIO((await printing.ask(path, format="csv")).text)))
        page = (await printing.ask(f"/publications/{made['id']}")).text
    (line,) = [each for each in lines if _is_current(each)]
    assert (line["published"] > 0, line["today"], line["suppressed"]) == (True, None, "today")
    (row,) = [each for each in rows if _is_current(each)]
    assert (row["published"], row["today"], row["difference"]) == (str(line["published"]), "suppressed", "")
    assert f'<td class="n">{line["published"]}</td><td class="n">suppressed</td>' in page


def _is_current(line):
    return (line["measure"], line["column"]) == ("transgender-hate-crime", "current")


async def test_it_is_kept_as_csv_too(printing):
    made = (await printing.publish()).json()
    answer = await printing.ask(f"/v1/publications/{made['id']}", accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'rel="license"' in answer.headers["link"]
    assert len(rows) == 15
    assert rows[0]["current"] == str(sum(60_000 + 100 * number for number in range(12, 24)))


async def test_no_file_holds_a_formula_that_somebody_posted(printing, board):
    formula = '=HYPERLINK("http://127.0.0.1/")'
    board.post("savings-planned", "2017-18-Q1", -65.9, line=formula)
    made = (await printing.publish(table="finance")).json()
    asked = {"end": "2017-06-30", "dataset": "board", "format": "csv"}
    for path in ("/v1/tables/finance", f"/v1/publications/{made['id']}"):
        text = (await printing.ask(path, **asked if "tables" in path else {"format": "csv"})).text
        found = [line["line"] for line in csv.DictReader(io.StringIO(text)) if formula in line["line"]]
        assert set(found) == {f"'{formula}"}, path
        assert "-65.9" in text


async def test_files_without_a_row_have_the_header_of_those_with_rows(printing, board):
    made = (await printing.publish(release_on="2017-07-27")).json()
    paths = ("/v1/publications", f"/v1/publications/{made['id']}/revisions", "/v1/releases/late")
    board.count("total-robbery", "2017-06", 48)
    full = [(await printing.ask(path, "publisher", format="csv")).text.splitlines() for path in paths]
    assert all(len(lines) > 1 for lines in full)
    board.count("total-robbery", "2017-06", -48)
    printing.clock.set(datetime(2017, 6, 7, tzinfo=UTC))  # before anything was due
    bare = [
        (await printing.ask(path, token, format="csv")).text.splitlines()
        for path, token in zip(paths, (None, "publisher", None), strict=True)
    ]
    assert bare == [lines[:1] for lines in full]


async def test_it_is_read_though_todays_data_begin_later_or_are_not_to_be_had(printing, board, monkeypatch):
    made = (await printing.publish()).json()
    path, page = f"/v1/publications/{made['id']}", f"/publications/{made['id']}"
    anew = Board()
    anew.count("total-robbery", "2017-07", 1)
    monkeypatch.setattr(board, "_counts", anew._counts)
    found = (await printing.ask(f"{path}/revisions")).json()
    assert revised(found)["total-robbery", "current"] == (24_000, None)
    assert "24,000" in (await printing.ask(page)).text

    async def unavailable(*_asked):
        raise Unavailable("Redis is away")

    monkeypatch.setattr(board, "sums", unavailable)
    assert (await printing.ask(f"{path}/revisions")).status_code == 503
    shown = await printing.ask(page)
    assert (shown.status_code, "24,000" in shown.text, "Redis is away" in shown.text) == (200, True, True)
    assert (await printing.ask(path)).status_code == 200


async def test_an_embargo_ends_at_the_calendars_time_in_london_to_the_second(printing):
    made = (await printing.publish(release_on="2017-07-27")).json()
    path = f"/v1/publications/{made['id']}"
    assert (made["released"], made["embargo_until"]) == (False, "2017-07-27T08:30:00Z")
    printing.clock.set(RELEASED - timedelta(microseconds=1))
    assert (await printing.ask(path)).status_code == 404
    assert (await printing.ask("/v1/publications")).json() == {"publications": []}
    assert (await printing.ask(path, token="publisher")).json()["released"] is False
    printing.clock.set(RELEASED)
    assert (await printing.ask(path)).json()["released"] is True
    assert [each["id"] for each in (await printing.ask("/v1/publications")).json()["publications"]] == [made["id"]]


async def test_what_is_under_embargo_is_not_told_apart_from_what_there_is_not(printing):
    made = (await printing.publish(release_on="2017-07-27", id="plan-2017")).json()
    for token in (None, "upstream"):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE", "PATCH", "PUT"):
            for path in ("/v1/publications/{}", "/v1/publications/{}/document", "/v1/publications/{}/revisions"):
                for accept in ("application/json", "text/csv", "text/html"):
                    hidden, absent = [
                        await printing.ask(path.format(each), token, accept, method)
                        for each in (made["id"], "plan-1917")
                    ]
                    assert _told(hidden) == _told(absent)
                    assert hidden.status_code in (404, 405)
    page, no_page = await printing.ask("/publications/plan-2017"), await printing.ask("/publications/plan-1917")
    assert (page.status_code, _told(page)) == (404, _told(no_page))


def _told(answer):
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, _unnamed(answer)


def _unnamed(answer):
    text = answer.text.replace("plan-2017", "ID").replace("plan-1917", "ID")
    return text.replace(answer.headers["x-request-id"], "REQUEST")


async def test_a_token_that_is_not_valid_is_refused_whatever_it_asks_for(printing):
    made = (await printing.publish(release_on="2017-07-27")).json()
    for path in (f"/v1/publications/{made['id']}", "/v1/publications/none-such", "/v1/publications"):
        assert (await printing.ask(path, token="stolen")).status_code == 401


async def test_prometheus_metrics_do_not_tell_that_anything_was_published_or_looked_at(printing):
    async def counted():
        return [line for line in (await printing.ask("/metrics")).text.splitlines() if "publications" in line]

    await printing.ask("/v1/publications")
    before = await counted()
    made = (await printing.publish(release_on="2017-07-27")).json()
    assert (await printing.publish(id="later", release_on="2017-07-01")).status_code == 422
    path = f"/v1/publications/{made['id']}"
    for each in ("/v1/publications", path, f"{path}/document", f"{path}/revisions"):
        assert (await printing.ask(each, token="publisher")).status_code == 200
    assert await counted() == before
    await printing.ask("/v1/publications")
    assert await counted() != before


async def test_an_answer_that_may_show_what_is_under_embargo_is_kept_by_nobody(printing):
    made = (await printing.publish(release_on="2017-07-27")).json()
    for path in ("/v1/publications", f"/v1/publications/{made['id']}"):
        answer = await printing.ask(path, token="publisher")
        assert answer.headers["cache-control"] == "private, no-store"
    assert (await printing.ask(f"/v1/publications/{made['id']}")).headers["cache-control"] == "no-store"


async def test_who_publishes_needs_the_scope_and_the_dataset(printing):
    assert (await printing.publish(token=None)).status_code == 401
    refused = await printing.publish(token="upstream")
    assert (refused.status_code, "'publish'" in refused.json()["detail"]) == (403, True)
    bound = await printing.publish(token="bound")
    assert (bound.status_code, bound.json()["errors"][0]["field"]) == (403, "dataset")
    assert (await printing.ask("/v1/publications", token="publisher")).json() == {"publications": []}


async def test_the_same_request_with_the_same_id_publishes_once_even_after_its_day(printing):
    first = await printing.publish(id="plan", release_on="2017-07-27")
    printing.clock.set(RELEASED + timedelta(days=90))
    again = await printing.publish(id="plan", release_on="2017-07-27")
    assert (first.status_code, again.status_code) == (201, 200)
    assert {key: value for key, value in again.json().items() if key != "released"} == {
        key: value for key, value in first.json().items() if key != "released"
    }
    other = await printing.publish(id="plan", status="provisional")
    assert (other.status_code, other.json()["existing"]) == (409, "/v1/publications/plan")


async def test_of_those_who_publish_the_same_id_at_once_one_does(printing):
    same = await asyncio.gather(*(printing.publish(id="same") for _ in range(4)))
    assert sorted(each.status_code for each in same) == [200, 200, 200, 201]
    assert len({each.json()["hash"] for each in same}) == 1
    other = await asyncio.gather(*(printing.publish(id="other", note=str(number)) for number in range(4)))
    assert sorted(each.status_code for each in other) == [201, 409, 409, 409]
    listed = (await printing.ask("/v1/publications")).json()["publications"]
    assert sorted(each["id"] for each in listed) == ["other", "same"]


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("table", {"table": "police-and-crime-plam"}),
        ("table", {"table": "finance"}),
        ("status", {"status": "draft"}),
        ("status", {"end": "2017-07-10"}),
        ("end", {"end": "2017-07-11", "status": "provisional"}),
        ("area", {"area": "Atlantis"}),
        ("quarter", {"quarter": "2017-18-Q9", "end": None}),
        ("release_on", {"release_on": "2017-07-09"}),
        ("embargo_until", {"embargo_until": "2017-07-10T11:00:00Z"}),
        ("embargo_until", {"embargo_until": "2017-07-27T23:30:00Z", "release_on": "2017-07-27"}),
        ("embargo_until", {"embargo_until": "2017-07-27T09:30:00"}),
        ("embargo_until", {"embargo_until": "9999-12-31T23:59:59-14:00"}),
        ("embargo_until", {"embargo_until": "0001-01-01T00:00:00+14:00"}),
        ("note", {"note": "n" * 201}),
        ("note", {"note": "nothing\x00"}),
        ("colour", {"colour": "red"}),
    ],
)
async def test_what_cannot_be_published_is_refused_by_field(printing, field, asked):
    answer = await printing.publish(**asked)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])


async def test_a_moment_of_its_own_says_on_which_day_of_london_it_is_released(printing):
    made = (await printing.publish(embargo_until="2017-07-26T23:30:00Z")).json()
    assert (made["release_on"], made["embargo_until"]) == ("2017-07-27", "2017-07-26T23:30:00Z")


async def test_the_list_is_filtered_paged_and_told_as_csv(printing):
    for number, table in enumerate(["police-and-crime-plan", "stop-and-search", "police-and-crime-plan"]):
        printing.clock.set(NOW + timedelta(hours=number))
        assert (await printing.publish(table=table, id=f"p{number}")).status_code == 201

    async def ids(**asked):
        return [each["id"] for each in (await printing.ask("/v1/publications", **asked)).json()["publications"]]

    assert await ids() == ["p2", "p1", "p0"]
    assert await ids(table="stop-and-search") == ["p1"]
    assert await ids(status="provisional") == []
    for asked in (
        {"table": "stop-and-serch"},
        {"table": "\x00"},
        {"area": "London"},
        {"status": "draft"},
        {"colour": "red"},
    ):
        refused = await printing.ask("/v1/publications", **asked)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, *asked)
    first = await printing.ask("/v1/publications", limit=2)
    assert first.headers["link"] == '</v1/publications?offset=2&limit=2>; rel="next"'
    assert await ids(limit=2, offset=2) == ["p0"]
    lines = csv.DictReader(io.StringIO((await printing.ask("/v1/publications", accept="text/csv")).text))
    assert [line["id"] for line in lines] == ["p2", "p1", "p0"]
    page = (await printing.ask("/publications")).text
    assert [page.count(f"/publications/p{number}") for number in range(3)] == [1, 1, 1]


async def test_every_table_can_be_published_and_read_back(printing, board):
    board.post("good-job", "2017-18-Q1", 68.6)
    board.post("good-job", "2017-18-Q1", 62.3, ethnicity="Black")
    board.post("dedicated-ward-officers", "2017-18-Q1", 1171)
    board.post("revenue-actual-to-date", "2017-18-Q1", 445.0, line="Police Officer Pay")
    board.post("crime-prevention-fund", "2017-18", 30)
    board.count("calls", "2017-06", 9)
    board.count("violence-with-injury", "2017-06", 9)
    board.count("hate-crime", "2017-06", 9)
    board.count("recorded-crimes", "2017-06", 9)
    board.count("total-burglary", "2017-06", 9, area="E09000007")
    for table in (await printing.ask("/v1/tables")).json()["tables"]:
        made = await printing.publish(table=table["id"], status="provisional")
        assert made.status_code == 201, (table["id"], made.text)
        same = (await printing.ask(f"{made.headers['location']}/revisions")).json()
        assert (same["revised"], same["figures"] > 0) == ([], True), table["id"]
        page = await printing.ask(f"/publications/{made.json()['id']}")
        assert page.status_code == 200, table["id"]
