"""Alerts come once, whatever crashes between deciding and telling, and whoever else watches."""

import asyncio
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pytest

from services.metrics.extents import Extent
from services.metrics.queries import Queries
from services.metrics.resting import Pace
from services.metrics.rules import Incident, fingerprints, read_rules
from services.metrics.store.incidents import Turn
from services.metrics.watch import Watch
from shared.clock import FixedClock
from shared.errors import Unavailable
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
AT_REST = Pace(1, lambda: True, lambda: 0)


class Counts:
    """A reader of one measure's counts: this month's and last year's. Counts how often it was read."""

    def __init__(self, layout):
        self._layout, self.now, self.before, self.reads = layout, 0, 100, 0
        self.touched = 0

    def layout(self, kind):
        return self._layout

    async def version(self):
        return self.now, self.touched

    async def stamp(self, kind, dataset, measures):
        return self.now

    async def posted_stamp(self):
        return 0

    async def extent(self, kind, dataset):
        first, last = date(2016, 1, 1), date(2017, 6, 30)
        return Extent(first, last, measured_from=dict.fromkeys(self._layout.places, first))

    async def sums(self, kind, dataset, windows):
        self.reads += 1
        shape = (self._layout.rows, self._layout.width)
        return [np.full(shape, self.now if window.first.year == 2017 else self.before) for window in windows]

    async def indicators(self, dataset):
        return []

    async def applied_at(self, kind):
        return None


class Memory:
    """Incidents that several watches share, and whose turn it is; `crashes` before it remembers what was told."""

    def __init__(self):
        self.known, self.crashes, self.holder, self.all_rest, self.others = {}, False, None, True, []

    def of(self, process):
        return Seat(self, process)


class Seat:
    """The memory as one process has it."""

    def __init__(self, memory, process):
        self._memory, self.process = memory, process

    async def turn(self, rules, *, is_counting):
        self._memory.holder = self._memory.holder or self.process
        others = [each for each in self._memory.others if each != rules]
        return Turn(self._memory.holder == self.process, self._memory.all_rest and not is_counting, others)

    async def all(self):
        return dict(self._memory.known)

    async def series(self, _now):
        return "s"

    async def keep(self, name, found, now):
        if self._memory.crashes and not now.untold:
            self._memory.crashes = False
            raise ConnectionError
        if self._memory.holder != self.process or self._memory.known.get(name) != found:
            return False
        self._memory.known[name] = now
        return True


class Told:
    """A publisher that keeps the alerts, unless it is `down`."""

    def __init__(self):
        self.alerts, self.down = [], False

    async def publish(self, messages):
        if self.down:
            raise Unavailable("Kafka does not answer")
        self.alerts += [decode(topics.ALERTS, message.value) for message in messages]

    @property
    def ids(self):
        return [each.alert_id for each in self.alerts]


@pytest.fixture
def parts(layout):
    return Counts(layout), Memory(), Told()


@pytest.fixture
def watching(parts, known):
    def make(process="one", rules=RULES, pace=AT_REST):
        counts, memory, told = parts
        declared, queries = read_rules(rules, known), Queries(counts, CLOCK, known)
        return Watch(declared, queries, memory.of(process), told, known, CLOCK, "http://metrics", pace)

    return make


async def evaluate(watch, counts, *history):
    for now in history:
        counts.now = now
        await watch.evaluate()


async def test_an_alert_is_raised_once_and_cleared_once(watching, parts):
    counts, _, told = parts
    await evaluate(watching(), counts, 110, 120, 130, 105, 90, 140)
    assert told.ids == ["burglary/live/s-1/raised", "burglary/live/s-1/cleared", "burglary/live/s-2/raised"]


async def test_only_rules_whose_measures_have_changed_are_evaluated_and_with_one_read(watching, parts):
    counts, _, _ = parts
    other = RULES.replace('"burglary"', '"robbery"').replace('"total-burglary"', '"total-robbery"')
    watch = watching(rules=RULES + other)
    for _ in range(3):
        await evaluate(watch, counts, 120)
    assert counts.reads == 1
    await evaluate(watch, counts, 121)
    assert counts.reads == 2


async def test_an_alert_that_clears_lower_than_it_is_raised_does_not_flicker(watching, parts):
    counts, _, told = parts
    watch = watching(rules=RULES + "clears = 5\n")
    await evaluate(watch, counts, 111, 109, 111, 106, 112, 105)
    assert [each.state for each in told.alerts] == ["raised", "cleared"]


async def test_an_alert_that_is_raised_after_three_evaluations_is_evaluated_though_nothing_changes(watching, parts):
    counts, _, told = parts
    watch = watching(rules=RULES + "raise_after = 3\n")
    await evaluate(watch, counts, 120, 120)
    assert told.ids == []
    await evaluate(watching(rules=RULES + "raise_after = 3\n"), counts, 120)  # a restart does not begin anew
    assert told.ids == ["burglary/live/s-1/raised"]


async def test_a_load_that_pauses_raises_nothing_before_all_is_counted(watching, parts):
    counts, memory, told = parts
    behind, shown = [True], asyncio.Event()

    async def show():
        shown.set()

    watch = watching(pace=Pace(0.01, lambda: not behind, lambda: 0))
    counts.now = 120
    task = asyncio.create_task(watch.run(show))
    await asyncio.sleep(0.1)
    assert (told.ids, shown.is_set()) == ([], False)
    behind.clear()
    memory.all_rest = False  # another process is behind
    await asyncio.sleep(0.1)
    assert (told.ids, shown.is_set()) == ([], False)
    memory.all_rest = True
    await asyncio.wait_for(shown.wait(), 10)
    assert told.ids == ["burglary/live/s-1/raised"]
    task.cancel()


async def test_counts_that_rest_are_not_evaluated_again(watching, parts):
    counts, _, _ = parts
    shows = []

    async def show():
        shows.append(counts.now)

    counts.now = 120
    task = asyncio.create_task(watching(pace=AT_REST._replace(rest_seconds=0.01)).run(show))
    await eventually(lambda: shows == [120])
    await asyncio.sleep(0.1)
    assert shows == [120]
    counts.now = 90
    await eventually(lambda: shows == [120, 90])
    task.cancel()


async def eventually(check):
    async with asyncio.timeout(10):
        while not check():  # noqa: ASYNC110 - a list sets no event
            await asyncio.sleep(0.01)


async def test_an_alert_that_was_told_and_not_remembered_as_told_is_told_again_the_same(watching, parts):
    counts, memory, told = parts
    memory.crashes = True
    with pytest.raises(ConnectionError):
        await evaluate(watching(), counts, 120)
    memory.holder = None
    await evaluate(watching("another"), counts, 300, 300)
    assert told.ids == ["burglary/live/s-1/raised"] * 2
    assert told.alerts[0] == told.alerts[1]  # with the figures by which it was decided


async def test_an_alert_that_kafka_does_not_take_is_told_when_it_does(watching, parts):
    counts, _, told = parts
    watch, told.down = watching(), True
    with pytest.raises(Unavailable):
        await evaluate(watch, counts, 120)
    told.down = False
    await evaluate(watch, counts, 90)
    assert told.ids == ["burglary/live/s-1/raised", "burglary/live/s-1/cleared"]


async def test_of_two_processes_one_evaluates_and_the_other_takes_over(watching, parts):
    counts, memory, told = parts
    one, other = watching("one"), watching("other")
    await evaluate(one, counts, 120)
    await evaluate(other, counts, 120)
    assert told.ids == ["burglary/live/s-1/raised"]
    memory.holder = "other"
    await evaluate(other, counts, 120, 90)
    await evaluate(one, counts, 90)
    assert told.ids == ["burglary/live/s-1/raised", "burglary/live/s-1/cleared"]


async def test_a_process_that_lost_its_turn_while_it_evaluated_tells_nothing(watching, parts):
    counts, memory, told = parts
    watch = watching("one")

    class Stolen(Seat):
        async def all(self):
            memory.holder = "other"
            return await super().all()

    watch._incidents = Stolen(memory, "one")
    await evaluate(watch, counts, 120)
    assert (told.ids, memory.known) == ([], {})


async def test_an_alert_links_to_the_comparison_that_it_rests_on(watching, parts):
    counts, _, told = parts
    await evaluate(watching(), counts, 120)
    (alert,) = told.alerts
    assert (alert.value, alert.baseline, alert.percent_change) == (120, 100, 20.0)
    assert alert.link.startswith("http://metrics/v1/compare?measure=total-burglary&area=E12000007&dataset=live")
    assert alert.link.endswith("&end=2017-06-30")


async def test_a_rule_may_watch_a_measure_that_is_computed_from_others(watching, parts):
    counts, _, told = parts
    await evaluate(watching(rules=RULES.replace('"total-burglary"', '"neighbourhood-crime-per-1000"')), counts, 120)
    assert told.ids == ["burglary/live/s-1/raised"]


async def test_a_rule_of_several_areas_tells_of_each(watching, parts):
    counts, _, told = parts
    await evaluate(watching(rules=RULES + 'areas = ["Camden", "Barnet"]\n'), counts, 120)
    assert told.ids == ["burglary/live/E09000007/s-1/raised", "burglary/live/E09000003/s-1/raised"]
    assert [each.area for each in told.alerts] == ["E09000007", "E09000003"]


async def test_a_dataset_that_holds_nothing_yet_is_watched_all_the_same(watching, parts):
    counts, _, told = parts
    extent = counts.extent
    counts.extent = never
    watch = watching()
    await evaluate(watch, counts, 120)
    assert told.ids == []
    counts.extent = extent
    await evaluate(watch, counts, 121)
    assert told.ids == ["burglary/live/s-1/raised"]


async def never(_kind, _dataset=None):
    return None


ROBBERY = RULES.replace('"burglary"', '"robbery"').replace('"total-burglary"', '"total-robbery"')


async def test_rules_that_an_outage_kept_from_being_followed_are_judged_again_though_nothing_changes(watching, parts):
    counts, _, told = parts
    watch, told.down = watching(rules=RULES + ROBBERY), True
    with pytest.raises(Unavailable):
        await evaluate(watch, counts, 120)
    told.down = False
    await evaluate(watch, counts, 120, 120)
    assert told.ids == ["burglary/live/s-1/raised", "robbery/live/s-1/raised"]


async def test_an_incident_whose_rule_is_removed_is_cleared_once_and_says_why(watching, parts):
    counts, _, told = parts
    await evaluate(watching(rules=RULES + ROBBERY), counts, 120)
    without = watching(rules=ROBBERY)
    await evaluate(without, counts, 120, 120)
    raised, cleared = [each for each in told.alerts if each.rule == "burglary"]
    assert (cleared.alert_id, cleared.incident_id, cleared.state) == (
        "burglary/live/s-1/cleared",
        raised.incident_id,
        "cleared",
    )
    assert "No alert rule 'burglary' watches this any more" in cleared.text
    assert (cleared.measure, cleared.window, cleared.value) == (raised.measure, raised.window, raised.value)
    assert [each.alert_id for each in told.alerts if each.rule == "robbery"] == ["robbery/live/s-1/raised"]
    await evaluate(watching(), counts, 120)  # put back, it is another incident
    assert told.ids[-1] == "burglary/live/s-2/raised"


async def test_an_area_that_a_rule_watches_no_longer_is_cleared(watching, parts):
    counts, _, told = parts
    await evaluate(watching(rules=RULES + 'areas = ["Camden", "Barnet"]\n'), counts, 120)
    await evaluate(watching(rules=RULES + 'areas = ["Barnet"]\n'), counts, 120)
    assert told.ids[2:] == ["burglary/live/E09000007/s-1/cleared"]


async def test_the_clearing_of_a_removed_rules_incident_survives_a_crash_before_it_is_told(watching, parts):
    counts, memory, told = parts
    await evaluate(watching(), counts, 120)
    told.down, memory.holder = True, None
    with pytest.raises(Unavailable):
        await evaluate(watching("another", rules=""), counts, 120)
    told.down, memory.holder = False, None
    await evaluate(watching("third", rules=""), counts, 120, 120)
    assert told.ids == ["burglary/live/s-1/raised", "burglary/live/s-1/cleared"]


async def test_an_incident_without_a_rule_of_which_nothing_was_kept_is_forgotten_with_a_warning(
    watching, parts, caplog
):
    counts, memory, told = parts
    memory.known["gone/live"] = Incident(3, open=True, series="s")
    await evaluate(watching(), counts, 90)
    assert (told.ids, memory.known["gone/live"]) == ([], Incident(3, series="s"))
    assert "gone/live" in caplog.text


async def test_a_process_that_gets_the_turn_back_tells_what_the_other_left_though_nothing_has_changed(watching, parts):
    counts, memory, told = parts

    async def show():
        pass

    counts.now = 120
    task = asyncio.create_task(watching(pace=AT_REST._replace(rest_seconds=0.01)).run(show))
    await eventually(lambda: len(told.ids) == 1 and not memory.known["burglary/live"].untold)
    memory.holder = "other"
    await asyncio.sleep(0.1)
    known = memory.known["burglary/live"]
    memory.known["burglary/live"] = msgspec.structs.replace(known, untold=known.raised)
    memory.holder = None
    await eventually(lambda: len(told.ids) == 2)
    task.cancel()


async def test_a_process_that_gets_nowhere_is_not_waited_for_for_ever(watching, parts, caplog):
    counts, _, told = parts
    applied, shows = [0], []

    async def show():
        shows.append(list(told.ids))

    counts.now = 120
    pace = Pace(0.01, lambda: False, lambda: applied[0], patience_seconds=0.2)
    task = asyncio.create_task(watching(pace=pace).run(show))
    for _ in range(10):
        applied[0] += 1  # a load that gets on is waited for, however long it takes
        await asyncio.sleep(0.05)
    assert shows == []
    await eventually(lambda: shows)
    assert told.ids == ["burglary/live/s-1/raised"]
    assert "the log holds more" in caplog.text
    task.cancel()


def announced(rules, known):
    return fingerprints(read_rules(rules, known))


@pytest.mark.parametrize(
    "other",
    ["", RULES.replace("threshold = 10", "threshold = 50"), RULES.replace('["live"]', '["demo"]')],
    ids=["without the rule", "with another threshold", "of another dataset"],
)
async def test_while_processes_have_a_rule_otherwise_none_raises_or_clears_what_the_other_will_not(
    watching, parts, known, other
):
    counts, memory, told = parts
    both = RULES + ROBBERY
    await evaluate(watching("one"), counts, 120)
    memory.holder, memory.others = None, [announced(RULES, known), announced(other + ROBBERY, known)]
    await evaluate(watching("new", rules=other + ROBBERY), counts, 120, 90, 120)  # the old process is still there
    assert told.ids == ["burglary/live/s-1/raised"]
    memory.holder, memory.others = None, [announced(both, known), announced(other + ROBBERY, known)]
    watch = watching("one", rules=both)
    await evaluate(watch, counts, 90)
    assert told.ids[1:] == []  # robbery, which both have, is at 90 as well, and burglary waits
    memory.others = []  # whoever had the new file is gone
    await evaluate(watch, counts, 90)
    assert told.ids[1:] == ["burglary/live/s-1/cleared"]


async def test_a_rule_that_all_processes_have_is_evaluated_while_others_wait(watching, parts, known):
    counts, memory, told = parts
    memory.others = [announced(ROBBERY, known)]
    watch = watching(rules=RULES + ROBBERY)
    await evaluate(watch, counts, 120)
    assert told.ids == ["robbery/live/s-1/raised"]
    memory.others = []
    await evaluate(watch, counts, 120)
    assert told.ids == ["robbery/live/s-1/raised", "burglary/live/s-1/raised"]


async def test_when_processes_agree_again_what_waited_is_evaluated_though_no_count_has_changed(
    watching, parts, known, caplog
):
    counts, memory, told = parts
    counts.now, memory.others = 120, [announced("", known)]
    shows = []

    async def show():
        shows.append(list(told.ids))

    task = asyncio.create_task(watching(pace=AT_REST._replace(rest_seconds=0.01)).run(show))
    await eventually(lambda: shows)
    assert (told.ids, "as another process has them otherwise or not at all: burglary" in caplog.text) == ([], True)
    memory.others = []
    await eventually(lambda: told.ids)
    assert told.ids == ["burglary/live/s-1/raised"]
    task.cancel()


async def test_a_rule_that_another_process_still_has_is_not_withdrawn_before_that_is_gone(watching, parts, known):
    counts, memory, told = parts
    await evaluate(watching("one"), counts, 120)
    memory.holder, memory.others = None, [announced(RULES, known)]
    without = watching("new", rules="")
    await evaluate(without, counts, 120)
    assert told.ids == ["burglary/live/s-1/raised"]
    memory.others = []
    await evaluate(without, counts, 120)
    assert told.ids == ["burglary/live/s-1/raised", "burglary/live/s-1/cleared"]
