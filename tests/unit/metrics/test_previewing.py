"""When alert rules would have fired: on a made-up year, and on London's recorded crime since 2010."""

import csv
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from local.importers.datastore import elements, read_table
from local.importers.sources import open_rows
from services.metrics.judging import Judges
from services.metrics.periods import Window
from services.metrics.previewing import periods_of, preview
from services.metrics.queries import Queries
from services.metrics.rules import read_rules
from shared.clock import FixedClock
from shared.events import Crime, CrimeCount
from shared.reference import reference
from tests.unit.metrics.loaded import Loaded

FILE = "datastore/MPS_Borough_Level_Crime_Historical.csv"
CLOCK = FixedClock(datetime(2024, 6, 1, tzinfo=UTC))
RISING = """
[[rule]]
id = "burglary-rising"
title = "Burglary is rising"
owner = "MPS"
measure = "total-burglary"
window = "12m"
figure = "percent_change"
is = "above"
threshold = 5
clears = 2
"""
SIGNAL = """
[[rule]]
kind = "signal"
id = "burglary-signal"
title = "Burglary has really risen"
owner = "MPS"
measure = "total-burglary"
points = 24
"""


def judges(**events):
    known = reference()
    return Judges(Queries(Loaded(**events), CLOCK, known), known)


def days(first, last):
    return Window(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("every", "periods"),
    [
        ("week", ["2017-06-04", "2017-06-11", "2017-06-18"]),  # the Sundays within the days
        ("month", ["2017-05-31"]),
        ("day", [(date(2017, 5, 30) + timedelta(days=n)).isoformat() for n in range(26)]),
    ],
)
def test_rules_are_evaluated_at_the_ends_of_periods(every, periods):
    found = periods_of(days("2017-05-30", "2017-06-24"), every)
    assert [each.last.isoformat() for each in found] == periods


def crimes(prefix, day, number):
    known = {"status": "recorded", "area": "E09000007", "offence": "domestic-burglary"}
    return [Crime(crime_id=f"{prefix}{n}", recorded_on=day, **known) for n in range(number)]


async def test_a_rule_fires_in_the_week_in_which_it_is_met_and_clears_in_that_in_which_it_no_longer_holds():
    weekly = (
        RISING.replace('"12m"', '"week"').replace('"year-before"', '"period-before"') + 'against = "period-before"\n'
    )
    events = []
    for n, number in enumerate([10, 10, 12, 12, 12, 10]):
        events += crimes(f"w{n}-", (date(2017, 5, 1) + timedelta(days=7 * n + 6)).isoformat(), number)
    asked = judges(crime=events)
    turned = await preview(asked, read_rules(weekly, reference()), periods_of(days("2017-05-01", "2017-06-11"), "week"))
    assert [(each.period.first.isoformat(), each.is_open) for each in turned] == [
        ("2017-05-15", True),
        ("2017-05-22", False),
    ]
    said = turned[0].json()
    assert (said["state"], said["value"], said["baseline"], said["percent_change"]) == ("raised", 12, 10, 20.0)
    assert said["window"] == {"from": "2017-05-15", "to": "2017-05-21"}


async def test_evaluations_in_a_row_take_no_weeks_as_a_running_service_makes_them_at_once():
    rules = RISING.replace('"12m"', '"week"') + 'against = "period-before"\nraise_after = 3\nclear_after = 2\n'
    events = []
    for n, number in enumerate([10, 10, 12, 12, 12, 10]):
        events += crimes(f"w{n}-", (date(2017, 5, 1) + timedelta(days=7 * n + 6)).isoformat(), number)
    periods = periods_of(days("2017-05-01", "2017-06-11"), "week")
    turned = await preview(judges(crime=events), read_rules(rules, reference()), periods)
    assert [(each.period.first.isoformat(), each.is_open) for each in turned] == [
        ("2017-05-15", True),
        ("2017-05-22", False),
    ]


@pytest.fixture(scope="module")
def file():
    data = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not (data / FILE).exists():
        pytest.skip(f"published data are not at {data} (set OVERSIGHT_SHARED_DATA)")
    return data / FILE


@pytest.fixture(scope="module")
def history(file):
    """Judges over the file's burglaries, month by month."""
    with open_rows(str(file)) as rows:
        table = read_table(rows, reference())
    counts = [msgspec.json.decode(line, type=CrimeCount) for _, line, _ in elements(table, 1, "live", FILE)]
    return judges(crime_count=[each for each in counts if "burglary" in each.offence])


@pytest.fixture(scope="module")
def by_month(file):
    """London's burglaries by the first day of the month, added up from the file itself."""
    found = {}
    with file.open(newline="", encoding="utf-8-sig") as text:
        for row in csv.DictReader(text):
            if row["MajorText"] == "BURGLARY":
                for name, count in row.items():
                    if name.isdigit():
                        day = date(int(name[:4]), int(name[4:]), 1)
                        found[day] = found.get(day, 0) + int(count or 0)
    return found


def expected(by_month, periods):
    """In which weeks twelve months' burglaries came to exceed those of the year before by 5%, and fell back to 2%."""
    is_open, found, months = False, [], sorted(by_month)
    for week in periods:
        past = [
            month for month in months if (month + timedelta(days=31)).replace(day=1) <= week.last + timedelta(days=1)
        ]
        if len(past) < 24:
            continue
        now, before = (sum(by_month[month] for month in part) for part in (past[-12:], past[-24:-12]))
        change = 100 * (now - before) / before
        turns = change <= 2 if is_open else round(change, 1) > 5
        if turns:
            is_open = not is_open
            found.append((week.first, is_open))
    return found


async def test_the_preview_names_the_weeks_in_which_burglary_was_rising_since_2010(history, by_month):
    periods = periods_of(days("2010-04-01", "2024-02-29"), "week")
    turned = await preview(history, read_rules(RISING, reference()), periods)
    fired = [(each.period.first, each.is_open) for each in turned]
    assert fired == expected(by_month, periods)
    assert len(fired) >= 3
    assert [is_open for _, is_open in fired] == [n % 2 == 0 for n in range(len(fired))]


async def test_the_preview_of_a_signal_names_weeks_that_follow_a_months_end(history):
    turned = await preview(
        history, read_rules(SIGNAL, reference()), periods_of(days("2012-04-01", "2019-12-31"), "week")
    )
    assert turned
    for each in turned:
        month_end = each.judged.judgement.window.last
        assert each.period.first <= month_end + timedelta(days=1) <= each.period.last + timedelta(days=1)
        figures = each.judged.judgement.figures
        assert figures["lower"] < figures["mean"] < figures["upper"]
