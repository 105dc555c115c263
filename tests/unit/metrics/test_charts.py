"""What /v1/signals and /v1/annotations answer, over a reader of made-up counts."""

import re
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import parse_qsl

import httpx
import pytest

from local.demo.figures import crime_counts
from services.metrics import api
from services.metrics.breaks import Bearing
from services.metrics.charting import Asked, chart
from services.metrics.charts import pages
from services.metrics.periods import Window, intervals, year_before
from services.metrics.queries import Queries
from services.metrics.tables import Tables
from shared.clock import FixedClock
from shared.reference.register import read_register
from shared.web import make_app
from tests.unit.metrics.fake_reader import FakeReader
from tests.unit.metrics.loaded import Loaded
from tests.unit.metrics.test_signals import GUN_CRIME

CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))
LONDON = "E12000007"
QUARTERS = intervals(date(2014, 4, 1), date(2017, 6, 30), "quarter")
YEARS = [Window(date(year, 7, 1), date(year + 1, 6, 30)) for year in (2014, 2015)]
MONTHS = intervals(date(2014, 4, 1), date(2017, 6, 30), "month")
WHY = "The report: constant between Q1 2014/15 and Q3 2015/16"
BASELINE = {"rebase": "2014-04-01", "until": "2015-12-31", "reason": WHY}
GUNS = {"measure": "gun-crime", "interval": "quarter", "from": "2014-04-01", "to": "2017-06-30"}
REGISTER = """
[[break]]
id = "burglary"
on = 2016-04-01
title = "Sheds are dwellings"
reason = "Counted as dwellings since then."
measures = ["total-burglary"]

[[rebase]]
id = "robbery"
measure = "total-robbery"
from = 2014-04-01
until = 2015-03-31
reason = "Before the campaign."
"""


def counts(london):
    found = {("live", "gun-crime", london, each): n for each, n in zip(QUARTERS, GUN_CRIME, strict=True)}
    for n, month in enumerate([year_before("custom", each) for each in MONTHS[:12]] + MONTHS):
        summer = 900 * (4 <= month.first.month <= 9)
        found["live", "asb-calls", london, month] = 1000 + summer + n % 2 + n % 3
    for n, month in enumerate(MONTHS):
        found["live", "total-burglary", london, month] = 100 + n % 5 if month.first < date(2016, 4, 1) else 300 + n % 5
        found["live", "total-robbery", london, month] = 50 + n % 3 + (40 if n > 20 else 0)
    for name in ("total-burglary", "total-robbery"):
        found |= {("live", name, london, year): 1200 + 100 * n for n, year in enumerate(YEARS)}
    return found


@pytest.fixture(scope="module")
def client(known, tmp_path_factory):
    path = tmp_path_factory.mktemp("register") / "own.toml"
    path.write_text(REGISTER)
    reach = {("live", kind): "2012-04-01|2017-06-30" for kind in ("crime", "call")}
    reader = FakeReader(known, reach, counts(known.areas.resolve(LONDON).index))
    queries = Queries(reader, CLOCK, known, read_register(known, path))

    @asynccontextmanager
    async def nothing(_app):
        yield

    app = make_app("metrics", summary="", lifespan=nothing, checks={})
    app.include_router(api.router(known, queries, Tables(queries, known, reader)))
    app.include_router(pages.router(known, queries))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://metrics")


@pytest.fixture
def ask(client):
    async def answer(path="/v1/signals", **asked):
        found = await client.get(path, params=asked)
        assert found.status_code == 200, found.text
        return found.json()

    return answer


@pytest.fixture
def refused(client):
    async def errors(**asked):
        answer = await client.get("/v1/signals", params=asked)
        assert answer.status_code == 422, answer.text
        return {error["field"]: error["message"] for error in answer.json()["errors"]}

    return errors


async def test_gun_crime_first_signals_in_2016_17_q1_against_the_level_that_the_report_names(ask):
    answer = await ask(**GUNS, **BASELINE)
    signalling = [each for each in answer["points"] if each["signals"]]
    assert (signalling[0]["from"], signalling[0]["to"]) == ("2016-04-01", "2016-06-30")
    assert signalling[0]["variation"] == "concerning"
    assert [each["value"] for each in answer["points"]] == GUN_CRIME
    assert (answer["variation"], answer["good"], answer["interval"]) == ("concerning", "down", "quarter")
    (section,) = answer["sections"]
    assert (section["mean"], section["points"], section["trial"], section["reason"]) == (465, 7, True, WHY)


async def test_a_chart_says_what_happened_in_its_days(ask):
    answer = await ask(**GUNS)
    assert "eu-referendum" in [each["id"] for each in answer["annotations"]]
    assert answer["breaks"] == []


async def test_a_break_parts_a_chart_unless_it_is_asked_to_be_one(ask):
    parted = await ask(measure="total-burglary")
    assert [each["from"] for each in parted["sections"]] == ["2014-07-01", "2016-04-01"]
    assert {each["variation"] for each in parted["points"]} == {"common cause"}
    assert [each["id"] for each in parted["breaks"]] == ["burglary"]
    whole = await ask(measure="total-burglary", across_breaks="true")
    assert len(whole["sections"]) == 1
    assert {each["variation"] for each in whole["points"]} >= {"improving", "concerning"}


async def test_a_rebased_chart_keeps_its_baseline_though_it_is_not_shown(ask):
    answer = await ask(measure="total-robbery", **{"from": "2015-07-01"})
    assert answer["points"][0]["from"] == "2015-07-01"
    (section,) = answer["sections"]
    assert (section["from"], section["mean"], section["points"]) == ("2014-04-01", 51, 12)
    assert section["reason"] == "Before the campaign."
    assert answer["variation"] == "concerning"


async def test_a_break_before_the_days_asked_for_leaves_their_limits_as_they_are(ask):
    answer = await ask(measure="total-burglary", **{"from": "2016-06-01"})
    (section,) = answer["sections"]
    assert (section["from"], section["points"], section["reason"]) == ("2016-06-01", 13, None)
    assert answer["breaks"] == []


async def test_what_has_a_season_is_charted_as_its_change_on_the_year_before(ask):
    answer = await ask(measure="asb-calls")
    assert answer["basis"] == "change on the year before"
    assert {each["value"] for each in answer["points"]} <= set(range(-2, 3))
    assert {each["variation"] for each in answer["points"]} == {"common cause"}


async def test_a_chart_has_36_points_where_nothing_else_is_asked_for(ask):
    answer = await ask(measure="total-burglary")
    assert (len(answer["points"]), answer["points"][-1]["to"], answer["interval"]) == (36, "2017-06-30", "month")


@pytest.mark.parametrize(
    ("asked", "field", "told"),
    [
        ({"rebase": "2016-01-01"}, "reason", "say why"),
        ({"rebase": "2016-01-01", "reason": " "}, "reason", "say why"),
        ({"rebase": "2017-07-01", "to": "2017-06-30", "reason": "r"}, "rebase", "after the chart's last day"),
        ({"reason": "because"}, "rebase", "missing"),
        ({"rebase": "2016-01-01", "reason": "r", "until": "2015-01-01"}, "until", "not after"),
        ({"from": "2017-06-02", "to": "2017-06-20"}, "from", "no whole month"),
        ({"from": "2000-01-01", "to": "2017-06-20", "interval": "week"}, "from", "at most 600"),
        ({"from": "2018-01-01"}, "from", "later than"),
        ({"run": "5"}, "run", "6"),
        ({"interval": "day"}, "interval", "week"),
        ({"measure": "gun-crme"}, "measure", "Gun Crime"),
    ],
)
async def test_a_chart_that_cannot_be_drawn_is_refused_with_the_parameter(refused, asked, field, told):
    errors = await refused(**{"measure": "gun-crime"} | asked)
    found = {name.rpartition(".")[2]: message for name, message in errors.items()}
    assert told in found[field]


async def test_a_table_that_compares_across_a_break_says_so_first(ask):
    across = await ask("/v1/tables/police-and-crime-plan", end="2016-06-30", dataset="live")
    assert across["caveats"][0] == (
        "The series breaks on 1 April 2016. Sheds are dwellings: Counted as dwellings since then. "
        "It concerns Total Burglary. "
        "No change across it is shown; /v1/compare shows it where across_breaks=true asks for it."
    )
    within = await ask("/v1/tables/police-and-crime-plan", end="2016-03-31", dataset="live")
    assert not any("series breaks" in each for each in within["caveats"])


async def test_a_table_shows_no_change_and_no_verdict_across_a_break(ask):
    asked = {"end": "2016-06-30", "dataset": "live"}
    rows = {each["measure"]: each for each in (await ask("/v1/tables/police-and-crime-plan", **asked))["rows"]}
    burglary, robbery = rows["total-burglary"], rows["total-robbery"]
    assert None not in (burglary["current"], burglary["previous"], robbery["change"], robbery["percent_change"])
    assert (burglary["change"], burglary["percent_change"]) == (None, None)
    told = await ask("/v1/compare", measure="total-burglary", across_breaks="true", **asked)
    assert told["change"] == burglary["current"] - burglary["previous"]
    rows = {each["measure"]: each for each in (await ask("/v1/tables/neighbourhood-crime", **asked))["rows"]}
    burglary, robbery = rows["total-burglary"], rows["total-robbery"]
    assert (burglary["verdict"], burglary["direction"], burglary["target_verdict"]) == ("not known",) * 3
    assert robbery["verdict"] in ("improving", "worsening", "no change")


async def test_annotations_and_breaks_are_listed_by_measure(ask):
    answer = await ask("/v1/annotations", measure="total-burglary", **{"from": "2016-01-01", "to": "2016-12-31"})
    assert [each["id"] for each in answer["breaks"]] == ["burglary"]
    assert [each["id"] for each in answer["annotations"]] == ["eu-referendum"]


async def test_a_parameter_that_annotations_do_not_have_is_refused(client):
    answer = await client.get("/v1/annotations", params={"measure": "total-burglary", "form": "2016-01-01"})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, ["form"])


async def test_the_demonstrations_gun_crime_first_signals_in_2016_17_q1(known):
    reader = Loaded(crime_count=[each for each in crime_counts() if "gun-crime" in each.flags])
    on = Bearing(known.measures.resolve("gun-crime"), known.areas.resolve(LONDON), "demo")
    span = Window(date(2015, 7, 1), date(2017, 6, 30))
    charted = await chart(Queries(reader, CLOCK, known), Asked(on, span, "month"))
    first = next(each for each in charted.chart.points if each.signals)
    assert (first.figure.window.first, first.variation) == (date(2016, 4, 1), "concerning")
    assert charted.chart.sections[0].is_trial


async def test_a_chart_begins_with_the_data_where_no_first_day_is_asked_for(ask):
    answer = await ask(measure="total-burglary", interval="quarter")
    assert answer["points"][0]["from"] == "2012-04-01"


async def test_a_chart_of_days_before_the_data_begin_is_refused(refused):
    told = await refused(measure="gun-crime", **{"from": "2009-01-01", "to": "2010-12-31"})
    assert "1 April 2012" in told["to"]


@pytest.fixture
def look(client):
    async def page(measure, **asked):
        found = await client.get(f"/charts/{measure}", params=asked)
        assert found.status_code == 200, found.text
        return found.text

    return page


async def test_the_page_draws_the_chart_with_a_title_a_description_and_the_figures_beside_it(look):
    html = await look("gun-crime", **{name: value for name, value in (GUNS | BASELINE).items() if name != "measure"})
    svg = re.search(r"<svg.*?</svg>", html, re.DOTALL)[0]
    assert 'role="img" aria-labelledby="chart-title chart-desc"' in svg
    assert '<title id="chart-title">Gun Crime, London, 1 April 2014 to 30 June 2017</title>' in svg
    assert "13 points by quarter, 5 of which signal a change. Mean 465.0" in re.search(r"<desc.*?</desc>", svg)[0]
    marks = Counter(re.findall(r'class="(common|concerning|improving|neither|unsaid)"', svg))
    assert marks == {"common": 8, "concerning": 5}
    assert html.count('<th scope="row">') == 13
    assert "Limits on trial: they rest on 7 points." in html


async def test_the_page_leads_to_the_same_chart_as_json_and_keeps_what_was_chosen_by_hand(look, ask):
    asked = {name: value for name, value in (GUNS | BASELINE).items() if name != "measure"}
    html = await look("gun-crime", **asked, run=6)
    path, _, query = unescape(re.search(r'href="(/v1/signals[^"]*)"', html)[1]).partition("?")
    answer = await ask(path, **dict(parse_qsl(query)))
    assert answer == await ask(**GUNS, **BASELINE, run=6)
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    assert kept == {"dataset": "live", "run": "6", **BASELINE}


async def test_the_page_fetches_nothing_from_elsewhere(look):
    html = await look("total-burglary")
    assert re.findall(r'(?:src|srcset|@import)\s*=?\s*["\'(]?([^"\')\s>]+)', html) == []
    assert all(each.startswith("/") for each in re.findall(r'href="([^"]+)"', html))


async def test_the_page_marks_breaks_and_what_happened_and_lists_them(look):
    html = await look("total-burglary")
    assert html.count('class="break"') == 1
    assert html.count("<polyline") == 2
    assert "The series breaks." in html
    assert "1 April 2016: Sheds are dwellings. Counted as dwellings since then." in html
    assert "<li>23 June 2016: Referendum" in html
    listed = re.search(r"<ol>.*?</ol>", html, re.DOTALL)[0].count("<li>")
    assert html.count('class="event"') == listed - 1 >= 5


async def test_a_chart_without_data_says_so_and_is_a_page_all_the_same(look):
    html = await look("knife-crime", area="Camden", interval="week", dataset="elsewhere")
    assert "No limits: 0 points; limits need 12." in html


async def test_what_a_chart_says_is_written_out_and_not_run(client):
    answer = await client.get(
        "/charts/gun-crime", params={"rebase": "2016-01-01", "reason": "<script>alert(1)</script>"}
    )
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
