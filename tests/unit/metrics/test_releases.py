"""The release calendar: what is due when, and the log of what came late; nothing in it tells of an embargo."""

import csv
import io
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from services.metrics.periods import Window
from services.metrics.publications.calendar import due_until, due_within, read_calendar
from services.metrics.publications.punctuality import Out, first_out, standing
from services.metrics.tables import declared
from shared.reference import InconsistentReference, reference
from tests.unit.metrics.board import Board
from tests.unit.metrics.publishing import CALENDAR, press

TABLES = ["police-and-crime-plan", "stop-and-search"]
ONE = """
released_at = 09:30:00
[[release]]
id = "both"
title = "Both"
tables = ["police-and-crime-plan", "stop-and-search"]
due = {due}
since = "2016-12"
"""


def the_calendar(due='"last-week"'):
    return read_calendar(ONE.format(due=due), TABLES)


def days(first, last):
    return Window(date.fromisoformat(first), date.fromisoformat(last))


def out(table, released_on, covers="2017-01-31", name="p", dataset="live"):
    return Out(name, table, "E12000007", dataset, date.fromisoformat(covers), date.fromisoformat(released_on))


@pytest.fixture
def board():
    found = Board()
    for month in ("2016-05", "2016-06", "2017-05", "2017-06"):
        found.count("total-notifiable-offences", month, 65_000)
        found.count("stops-and-searches", month, 10_000)
    return found


@pytest.fixture
async def printing(board, tmp_path):
    async with press(board, tmp_path) as running:
        yield running


def test_the_calendar_that_is_shipped_is_the_boards():
    text = (files("services.metrics.publications") / "calendar.toml").read_text()
    calendar = read_calendar(text, [table.id for table in declared(reference())])
    due = {each.release.id: each.days for each in due_within(calendar, days("2027-02-01", "2027-02-28"))}
    assert due == {
        "stop-and-search": days("2027-02-08", "2027-02-08"),
        "recorded-crime": days("2027-02-22", "2027-02-28"),
    }


@pytest.mark.parametrize(
    ("month", "last_week"),
    [
        ("2017-01", ("2017-01-25", "2017-01-31")),
        ("2017-02", ("2017-02-22", "2017-02-28")),
        ("2020-02", ("2020-02-23", "2020-02-29")),
        ("2017-04", ("2017-04-24", "2017-04-30")),
    ],
)
def test_the_last_week_is_the_months_last_seven_days(month, last_week):
    (due,) = due_within(the_calendar(), days(*last_week))
    assert due.days == days(*last_week)
    assert due_within(the_calendar(), days(f"{month}-01", last_week[0])) == []


def test_each_release_covers_the_month_before_it_also_over_the_turn_of_the_year():
    covers = [each.covers for each in due_until(the_calendar(due=8), date(2017, 3, 7))]
    assert covers == [
        days("2016-11-01", "2016-11-30"),
        days("2016-12-01", "2016-12-31"),
        days("2017-01-01", "2017-01-31"),
    ]


@pytest.mark.parametrize(
    ("today", "released", "state", "late"),
    [
        ("2017-02-20", [], "planned", 0),
        ("2017-02-22", [], "due", 0),
        ("2017-02-28", [], "due", 0),
        ("2017-03-03", [], "overdue", 3),
        ("2017-02-20", ["2017-02-10", "2017-02-20"], "released", 0),
        ("2017-04-01", ["2017-02-10", "2017-02-28"], "released", 0),
        ("2017-04-01", ["2017-02-10", "2017-03-04"], "released-late", 4),
        ("2017-04-01", ["2017-02-10"], "overdue", 32),
    ],
)
def test_a_release_is_late_once_the_last_of_its_tables_is(today, released, state, late):
    (due,) = due_within(the_calendar(), days("2017-02-28", "2017-02-28"))
    outs = first_out(out(table, on) for table, on in zip(TABLES, released, strict=False))
    stood = standing(due, outs, date.fromisoformat(today))
    assert (stood["state"], stood["days_late"]) == (state, late)
    assert stood["released_on"] == (released[-1] if len(released) == len(TABLES) else None)
    assert stood["not_released"] == TABLES[len(released) :]


def test_the_first_publication_counts_and_none_of_other_days_areas_or_datasets():
    (due,) = due_within(the_calendar(), days("2017-02-28", "2017-02-28"))
    early = [out(table, "2017-02-27", name=f"early-{table}") for table in TABLES]
    later = [out(table, "2017-03-27", name=f"later-{table}") for table in TABLES]
    other = [out(TABLES[0], "2017-02-01", covers="2017-01-30"), out(TABLES[1], "2017-02-01", dataset="demo")]
    stood = standing(due, first_out([*later, *early, *other]), date(2017, 5, 1))
    assert (stood["state"], stood["publications"]) == ("released", [f"early-{table}" for table in TABLES])
    assert standing(due, first_out(other), date(2017, 5, 1))["publications"] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("due = 8", "due = 31"), "due"),
        (("due = 8", 'due = "first-week"'), "due"),
        (('"stop-and-search"]', '"stops"]'), "no table 'stops'"),
        (('since = "2016-12"', 'since = "2016"'), "since"),
        (('title = "Both"', 'titel = "Both"'), "titel"),
        (("released_at = 09:30:00", 'released_at = "soon"'), "released_at"),
        (("[[release]]", "[[release"), "calendar"),
    ],
)
def test_a_calendar_that_does_not_hold_together_is_refused_by_name(change, named):
    with pytest.raises(InconsistentReference, match=named):
        read_calendar(ONE.format(due=8).replace(*change), TABLES)
    with pytest.raises(InconsistentReference, match="id of its own"):
        read_calendar(CALENDAR.replace('"recorded-crime"', '"stop-and-search"'), TABLES)


async def log(printing):
    return {
        (each["release"], each["covers"]["to"]): (each["released_on"], each["days_late"])
        for each in (await printing.ask("/v1/releases/late")).json()["late"]
    }


async def test_the_log_shows_what_is_missing_until_it_comes_and_how_late_it_came_for_ever(printing):
    assert await log(printing) == {
        ("stop-and-search", "2017-06-30"): (None, 2),
        ("recorded-crime", "2017-05-31"): (None, 10),
        ("stop-and-search", "2017-05-31"): (None, 32),
    }
    await printing.publish(table="stop-and-search", end="2017-06-30")
    await printing.publish(table="police-and-crime-plan", end="2017-06-30")
    printing.clock.set(datetime(2017, 8, 1, 12, tzinfo=UTC))
    assert await log(printing) == {
        ("stop-and-search", "2017-06-30"): ("2017-07-10", 2),
        ("recorded-crime", "2017-05-31"): (None, 32),
        ("stop-and-search", "2017-05-31"): (None, 54),
    }
    page = (await printing.ask("/releases")).text
    assert "2017-07-10" in page
    lines = csv.DictReader(io.StringIO((await printing.ask("/v1/releases/late", format="csv")).text))
    assert [line["days_late"] for line in lines] == ["2", "32", "54"]


async def test_neither_calendar_nor_log_tells_of_what_is_under_embargo_not_even_to_those_who_publish(printing):
    asked = {"table": "stop-and-search", "end": "2017-06-30", "release_on": "2017-07-12"}
    before = [(await printing.ask(path)).json() for path in ("/v1/releases", "/v1/releases/late")]
    page = (await printing.ask("/releases")).text
    assert (await printing.publish(**asked)).status_code == 201
    for token in (None, "publisher"):
        paths = ("/v1/releases", "/v1/releases/late")
        assert [(await printing.ask(path, token)).json() for path in paths] == before
    assert (await printing.ask("/releases")).text == page
    printing.clock.set(datetime(2017, 7, 12, 8, 30, tzinfo=UTC))
    assert (await log(printing))["stop-and-search", "2017-06-30"] == ("2017-07-12", 4)


async def test_the_calendar_is_asked_for_any_days(printing):
    asked = {"from": "2017-12-01", "to": "2018-01-31"}
    found = (await printing.ask("/v1/releases", **asked)).json()["releases"]
    assert [(each["release"], each["due"]["to"], each["covers"]["to"]) for each in found] == [
        ("stop-and-search", "2017-12-08", "2017-11-30"),
        ("recorded-crime", "2017-12-31", "2017-11-30"),
        ("stop-and-search", "2018-01-08", "2017-12-31"),
        ("recorded-crime", "2018-01-31", "2017-12-31"),
    ]
    refused = await printing.ask("/v1/releases", **{"from": "2018-01-31", "to": "2017-12-01"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "from")
