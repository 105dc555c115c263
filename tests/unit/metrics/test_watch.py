"""Alerts come once, whatever crashes between the telling and the remembering."""

import asyncio
from datetime import UTC, date, datetime

import numpy as np
import pytest

from services.metrics.extents import Extent
from services.metrics.queries import Queries
from services.metrics.rules import read_rules
from services.metrics.watch import Pace, Watch
from shared.clock import FixedClock
from shared.events import decode, topics

RULES = """
[[rule]]
id = "burglary"
title = "Burglary is rising"
owner = "MPS"
measure = "total-burglary"
window = "month"
figure = "percent_change"
is = "above"
threshold = 10
datasets = ["live"]
"""
CLOCK = FixedClock(datetime(2017, 7, 5, tzinfo=UTC))


class Counts:
    """A reader of one measure's counts: this month's and last year's."""

    def __init__(self, layout):
        self._layout, self.now, self.before = layout, 0, 100

    def layout(self, kind):
        return self._layout

    async def extent(self, kind, dataset):
        first, last = date(2016, 1, 1), date(2017, 6, 30)
        return Extent(first, last, measured_from=dict.fromkeys(self._layout.places, first))

    async def sums(self, kind, dataset, windows):
        shape = (self._layout.rows, self._layout.width)
        return [np.full(shape, self.now if window.first.year == 2017 else self.before) for window in windows]


class Memory:
    """Incidents; `crashes` before it remembers the next."""

    def __init__(self):
        self.known, self.crashes = {}, False

    async def all(self):
        return dict(self.known)

    async def series(self, _now):
        return "s"

    async def keep(self, name, incident):
        if self.crashes:
            self.crashes = False
            raise ConnectionError
        self.known[name] = incident


class Told:
    """A publisher that keeps the alerts."""

    def __init__(self):
        self.alerts = []

    async def publish(self, messages):
        self.alerts += [decode(topics.ALERTS, message.value) for message in messages]

    @property
    def ids(self):
        return [each.alert_id for each in self.alerts]


@pytest.fixture
def parts(layout):
    return Counts(layout), Memory(), Told()


@pytest.fixture
def watch(parts, known):
    counts, memory, told = parts
    return Watch(
        read_rules(RULES, known),
        Queries(counts, CLOCK, known),
        memory,
        told,
        known,
        CLOCK,
        "http://metrics",
        Pace(1, lambda: True),
    )


async def test_an_alert_is_raised_once_and_cleared_once(watch, parts):
    counts, _, told = parts
    for now in (110, 120, 130, 105, 90, 140):
        counts.now = now
        await watch.evaluate()
    assert told.ids == ["burglary/live/s-1/raised", "burglary/live/s-1/cleared", "burglary/live/s-2/raised"]


async def test_a_load_that_pauses_raises_nothing_before_all_is_counted(parts, known):
    counts, memory, told = parts
    behind, shown = [True], asyncio.Event()

    async def show():
        shown.set()

    pace = Pace(0.01, lambda: not behind)
    watch = Watch(
        read_rules(RULES, known), Queries(counts, CLOCK, known), memory, told, known, CLOCK, "http://metrics", pace
    )
    counts.now = 120
    watch.counts_changed()
    watching = asyncio.create_task(watch.run(show))
    await asyncio.sleep(0.1)
    assert (told.ids, shown.is_set()) == ([], False)
    behind.clear()
    await asyncio.wait_for(shown.wait(), 10)
    assert told.ids == ["burglary/live/s-1/raised"]
    watching.cancel()


async def test_an_alert_that_was_told_and_not_remembered_is_told_again_under_the_same_id(watch, parts):
    counts, memory, told = parts
    counts.now, memory.crashes = 120, True
    with pytest.raises(ConnectionError):
        await watch.evaluate()
    await watch.evaluate()
    await watch.evaluate()
    assert told.ids == ["burglary/live/s-1/raised"] * 2


async def test_an_alert_links_to_the_comparison_that_it_rests_on(watch, parts):
    counts, _, told = parts
    counts.now = 120
    await watch.evaluate()
    (alert,) = told.alerts
    assert (alert.value, alert.baseline, alert.percent_change) == (120, 100, 20.0)
    assert alert.link.startswith("http://metrics/v1/compare?measure=total-burglary&area=E12000007&dataset=live")
    assert alert.link.endswith("&end=2017-06-30")


async def test_a_rule_may_watch_a_measure_that_is_computed_from_others(parts, known):
    counts, memory, told = parts
    rate = RULES.replace('"total-burglary"', '"neighbourhood-crime-per-1000"')
    queries = Queries(counts, CLOCK, known)
    counts.indicators, counts.applied_at = nothing_posted, never
    watch = Watch(read_rules(rate, known), queries, memory, told, known, CLOCK, "http://metrics", Pace(1, lambda: True))
    counts.now = 120
    await watch.evaluate()
    assert told.ids == ["burglary/live/s-1/raised"]


async def nothing_posted(_of):
    return []


async def never(_kind):
    return None
