"""The rule itself: which counts are withheld, which windows are told, and that no route says what is withheld."""

import re
from datetime import UTC, date, datetime
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.gauges import Gauges
from services.metrics.periods import Window, window_ending
from services.metrics.queries import Queries
from services.metrics.suppression import Rule, Suppression
from services.metrics.suppression.nesting import is_within
from services.metrics.suppression.periods import whole_periods
from services.metrics.suppression.secondary import bounds, withheld
from services.metrics.suppression.swaps import Table, leeway
from services.metrics.telemetry import MEASURE
from shared.clock import FixedClock
from shared.reference import DIRECTORY, InconsistentReference, reference
from shared.reference.loading import load
from shared.reference.sensitivity import implied_flags, sensitive_measures
from tests.unit.metrics.demonstrated import CAMDEN, CITY, LONDON, Demonstration

KNOWN = reference()
QUARTER = Window(date(2017, 4, 1), date(2017, 6, 30))


def hidden(counts, caps=100, seed=(), below=5):
    size = len(counts)
    marks = np.isin(np.arange(size), list(seed))
    numbers = [np.array(each if isinstance(each, list) else [each] * size) for each in (counts, caps)]
    return set(np.flatnonzero(withheld(*numbers, marks, below)).tolist())


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ([10, 20, 30], set()),
        ([3, 20, 30], {0, 1}),  # or London's total would tell it
        ([0, 20, 30], {0, 1}),
        ([5, 20, 30], set()),
        ([2, 3, 20, 30], {0, 1}),  # each may be 0 to 5
        ([1, 1, 6, 30], {0, 1, 2}),  # two that come to 2 would be known to be small
        ([0, 0, 0, 40], {0, 1, 2, 3}),
    ],
)
def test_small_counts_are_withheld_and_the_smallest_others_until_none_is_told(counts, found):
    assert hidden(counts) == found


def test_what_can_only_be_nothing_is_told():
    assert hidden([0, 3, 20, 30], caps=[0, 100, 100, 100]) == {1, 2}


def test_what_is_withheld_of_the_whole_is_withheld_of_its_part():
    assert hidden([9, 20, 30], seed=[0]) == {0, 1}


small = st.lists(st.integers(0, 7), min_size=2, max_size=4)


@given(counts=small, data=st.data())
def test_every_withheld_count_could_be_another_by_trying_all_that_fit(counts, data):
    caps = [each + data.draw(st.integers(0, 6)) for each in counts]
    found = sorted(hidden(counts, caps=caps, below=3))
    total = sum(counts[each] for each in found)
    fitting = [each for each in product(*(range(caps[n] + 1) for n in found)) if sum(each) == total]
    low, high = bounds(total, np.array([caps[n] for n in found]))
    for place, _ in enumerate(found):
        values = {each[place] for each in fitting}
        assert (min(values), max(values)) == (low[place], high[place])
    others = [n for n in range(len(counts)) if n not in found and caps[n]]
    if others:  # something is told, so that what is not is safe
        assert all(high[place] - low[place] >= min(caps[n], 3) for place, n in enumerate(found))


@pytest.mark.parametrize(
    ("first", "last", "quarters"),
    [
        ("2017-04-01", "2017-06-30", 1),
        ("2016-07-01", "2017-06-30", 4),
        ("2017-04-01", "2017-06-29", 0),
        ("2017-04-02", "2017-06-30", 0),
        ("2017-04-01", "2017-07-31", 0),
        ("2017-03-01", "2017-06-30", 0),
    ],
)
def test_a_window_is_told_if_it_is_made_of_whole_quarters(first, last, quarters):
    window = Window(date.fromisoformat(first), date.fromisoformat(last))
    assert len(whole_periods(window, "quarter")) == quarters


def test_what_asks_about_a_sensitive_flag_or_is_computed_from_it_is_sensitive():
    found = sensitive_measures(KNOWN.measures, KNOWN.flags)
    marked = {each.id for each in KNOWN.measures if each.sensitive}
    told = {"hate-crime", "hate-crime-share", "hate-crime-detections", "high-harm-crime", "flagged-crime", "flag-fgm"}
    assert marked | told < found
    assert not found & {"knife-crime", "domestic-abuse", "total-notifiable-offences", "flag-acid", "recorded-crimes"}


def test_no_measure_that_is_told_asks_about_a_flag_of_one_that_is_not():
    found = sensitive_measures(KNOWN.measures, KNOWN.flags)
    asked = {tag for each in KNOWN.measures if each.sensitive for tag in each.all | each.any}
    for measure in KNOWN.measures:
        if measure.id not in found:
            assert not measure.tags & asked, measure.id
            assert not found & set(measure.parts.values()), measure.id


def test_a_measure_of_ones_own_that_asks_about_a_sensitive_flag_is_sensitive(tmp_path):
    declared = (
        'topic = "Ours"\n[[measure]]\nid = "ours"\ntitle = "Ours"\ndefinition = "x"\nunit = "offences"\n'
        'kind = "count"\nof = "crime"\ngood = "down"\nplan_area = "Ours"\nversion = 1\n'
    )
    file, directory = tmp_path / "ours.toml", DIRECTORY
    file.write_text(declared + 'all = ["record"]\nnone = ["flag:transgender-hate"]\n')
    known = load(directory, file)
    assert "ours" in sensitive_measures(known.measures, known.flags)
    file.write_text(declared + 'all = ["offence:rape"]\nsensitive = true\n')
    with pytest.raises(InconsistentReference, match=r"ours.*sensitive: only crimes by their flags can be"):
        load(directory, file)


def test_a_measure_lies_within_another_by_what_both_declare():
    implied = implied_flags(KNOWN.flags)

    def within(inner, outer):
        return is_within(KNOWN.measures.resolve(inner), KNOWN.measures.resolve(outer), implied)

    assert within("islamophobic-hate-crime", "racist-and-religious-hate-crime")
    assert within("islamophobic-hate-crime", "hate-crime")
    assert within("hate-crime", "high-harm-crime")
    assert within("hate-crime", "recorded-crimes")
    assert within("transgender-hate-crime", "flag-transgender-hate")
    assert not within("hate-crime", "transgender-hate-crime")
    assert not within("transgender-hate-crime", "racist-and-religious-hate-crime")
    assert not within("flag-transgender-hate-detections", "transgender-hate-crime")


def test_of_every_sensitive_count_something_that_is_told_says_how_large_it_can_be():
    suppression = Suppression(KNOWN)
    counts = {
        suppression.first(each.id)
        for each in KNOWN.measures
        if each.kind == "count" and each.id in suppression.sensitive
    }
    assert [each for each in counts if not suppression.around(each)] == []


STRANDS = {"racist-and-religious", "sexual-orientation", "transgender", "disability"}
FAMILIES = {
    "hate-crime": {f"{each}-hate-crime" for each in STRANDS},
    "hate-crime-detections": {f"flag-{each}-hate-detections" for each in STRANDS},
}
ALONE = {"honour-based-violence", "forced-marriage", "female-genital-mutilation"}


def test_how_the_sensitive_counts_hang_together():
    scheme = Suppression(KNOWN).scheme
    assert {each.whole: {*each.strands} for each in scheme.families if each.whole} == FAMILIES
    assert {each.strands[0] for each in scheme.families if not each.whole} >= ALONE
    within = {strand: {*inner} for strand, inner in scheme.within.items() if "detections" not in strand}
    assert within == {
        "racist-and-religious-hate-crime": {"faith-hate-crime"},
        "faith-hate-crime": {"islamophobic-hate-crime", "antisemitic-hate-crime"},
    }
    assert {union: {*those} for union, those in scheme.unions.items()} == {
        "high-harm-crime": {"hate-crime"},
        "flagged-crime": {"hate-crime", *ALONE},
    }
    assert scheme.untold == []


def test_every_sensitive_count_has_its_place():
    suppression = Suppression(KNOWN)
    scheme = suppression.scheme
    families = {name for each in scheme.families for name in (each.whole, *each.strands)}
    placed = families | {name for inner in scheme.within.values() for name in inner} | {*scheme.unions, *scheme.untold}
    counts = {each.id for each in KNOWN.measures if each.kind == "count" and each.id in suppression.sensitive}
    assert {suppression.first(each) for each in counts} == placed - {None}


TRANSGENDER, DISABILITY = "flag:transgender-hate", "flag:disability-hate"


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"any": [TRANSGENDER, DISABILITY]}, "withheld with both"),
        ({"all": [TRANSGENDER, "flag:knife-crime"]}, "untold"),
        ({"all": ["record"], "none": [TRANSGENDER]}, "untold"),
        ({"all": ["offence:rape"], "any": [TRANSGENDER, DISABILITY]}, "untold"),
        ({"all": ["offence:rape", TRANSGENDER]}, "untold"),
        ({"any": [TRANSGENDER, "flag:knife-crime"]}, "withheld with one"),
        ({"any": ["offence:rape", "flagged"]}, "withheld with all"),
        ({"all": ["flagged"], "any": [TRANSGENDER, "flag:knife-crime"]}, "untold"),
        ({"all": ["outcome:charged", TRANSGENDER], "dated": "outcome"}, "untold"),
        ({"all": [TRANSGENDER], "weight": "victims"}, "untold"),
    ],
    ids=str,
)
def test_a_count_of_ones_own_is_told_of_parts_of_london_only_with_the_strands_it_is_of(tmp_path, asked, place):
    file = tmp_path / "ours.toml"
    tags = "".join(f"{key} = {each!r}\n" for key, each in asked.items()).replace("'", '"')
    file.write_text(
        'topic = "Ours"\n[[measure]]\nid = "ours"\ntitle = "Ours"\ndefinition = "x"\nunit = "offences"\n'
        'kind = "count"\nof = "crime"\ngood = "down"\nplan_area = "Ours"\nversion = 1\n' + tags
    )
    scheme = Suppression(load(DIRECTORY, file)).scheme
    assert {each.whole: {*each.strands} for each in scheme.families if each.whole} == FAMILIES
    with_them = {
        "withheld with both": {"disability-hate-crime", "transgender-hate-crime"},
        "withheld with one": {"transgender-hate-crime"},
        "withheld with all": {"hate-crime", *ALONE},
    }
    assert {*scheme.unions.get("ours", ())} == with_them.get(place, set())
    assert ("ours" in scheme.untold) == (place == "untold")


def test_two_areas_that_could_have_had_each_others_crimes_leave_both_counts_open():
    strands, nowhere = np.array([[3, 2, 30], [4, 6, 20]]), np.zeros(3, bool)
    both = np.array([[True, True, False], [True, True, False]])
    one = both & [[True], [False]]

    def found(hidden, free=nowhere, shared=0):
        """Where no crime is of both strands, and where one of each area is."""
        return leeway(Table(strands, strands.sum(axis=0) - shared, np.full(3, 100), hidden, free)).tolist()

    assert found(both) == [[2 + 3, 3 + 2, 0], [3 + 2, 2 + 3, 0]]
    assert found(one) == [[0, 0, 0], [0, 0, 0]]  # the rest of the area's whole tells it
    assert found(one, shared=1) == [[1 + 1, 1 + 1, 0], [0, 0, 0]]
    assert found(both, free=np.array([True, True, False])) == [[2 + 3, 3 + 2, 0], [6 + 4, 4 + 6, 0]]


def test_swaps_of_several_kinds_leave_a_count_open_together():
    """One that is 0 could be 2 of the second strand and 2 of the third, since the other area has 4 that could be."""
    strands, hidden, nowhere = np.array([[0, 4], [2, 9], [2, 9]]), np.ones((3, 2), bool), np.zeros(2, bool)
    assert leeway(Table(strands, strands.sum(axis=0), np.full(2, 100), hidden, nowhere))[0].tolist() == [4, 4]
    strands[0, 1] = 3
    assert leeway(Table(strands, strands.sum(axis=0), np.full(2, 100), hidden, nowhere))[0].tolist() == [3, 3]


@pytest.fixture(scope="module")
def demonstration():
    return Demonstration()


ASKED = {"measure": "transgender-hate-crime", "area": CAMDEN, "dataset": "demo"}
ROUTES = [
    ("/v1/compare", {"end": "2017-06-30"}),
    ("/v1/compare", {"end": "2017-06-30", "window": "quarter", "against": "period-before"}),
    ("/v1/compare", {"end": "2017-06-30", "window": "quarter", "against": "3y-average"}),
    ("/v1/compare", {"window": "custom", "from": "2017-05-03", "to": "2017-05-20"}),
    ("/v1/verdicts", {"end": "2017-06-30"}),
    ("/v1/series", {"from": "2016-07-01", "to": "2017-06-30", "interval": "quarter"}),
    ("/v1/series", {"from": "2017-05-01", "to": "2017-05-31", "interval": "day"}),
    ("/v1/explain", {"end": "2017-06-30"}),
    ("/v1/signals", {"from": "2016-01-01", "to": "2017-06-30"}),
]


def figures_of(answer):
    """Every number under a key that figures stand under."""
    names = {"value", "change", "percent_change", "mean", "upper", "lower", "current", "previous"}
    if isinstance(answer, dict):
        for key, each in answer.items():
            if key in names and isinstance(each, int | float):
                yield key, each
            yield from figures_of(each)
    elif isinstance(answer, list):
        for each in answer:
            yield from figures_of(each)


@pytest.mark.parametrize("measure", ["transgender-hate-crime", "transgender-hate-crime-per-1000"])
@pytest.mark.parametrize(("path", "asked"), ROUTES, ids=str)
async def test_no_route_tells_a_withheld_figure(demonstration, path, asked, measure):
    answer = await demonstration.get(path, **{**ASKED, "measure": measure}, **asked)
    told = {key: each for key, each in figures_of(answer) if not (measure.endswith("1000") and each in POPULATIONS)}
    assert told == {}, answer
    assert "suppressed" in str(answer)


POPULATIONS = {area.population_2015 for area in KNOWN.areas}


@pytest.mark.parametrize("table", ["police-and-crime-plan", "high-harm", "hate-by-month"])
async def test_no_table_tells_a_withheld_figure_in_any_of_its_forms(demonstration, table):
    asked = {"end": "2017-05-31", "dataset": "demo", "area": CAMDEN}  # whole quarters do not end in May
    told = await demonstration.get(f"/v1/tables/{table}", **asked)
    sensitive = demonstration.queries.suppression.sensitive
    rows = [row for row in told["rows"] if row["measure"] in sensitive and row.get("status") != "no-data"]
    assert rows
    assert [row for row in rows if list(figures_of(row))] == []
    csv = (await demonstration.answer(f"/v1/tables/{table}", accept="text/csv", **asked)).text
    lines = [line for line in csv.splitlines() if any(f",{row['measure']}," in line for row in rows)]
    assert len(lines) == len(rows)
    assert all("suppressed" in line and not re.search(r",\d+(,|$)", line) for line in lines)
    page = (await demonstration.answer(f"/tables/{table}", **asked)).text
    assert ">suppressed<" in page


async def test_zero_no_data_and_suppressed_are_three_things(demonstration):
    asked = {"window": "quarter", "end": "2017-06-30", "dataset": "demo"}
    told = [
        await demonstration.get("/v1/compare", measure=measure, area=area, **asked)
        for measure, area in (
            ("transgender-hate-crime", CITY),
            ("transgender-hate-crime", CAMDEN),
            ("faith-hate-crime", CAMDEN),
        )
    ]
    found = [(each["value"], each["status"]) for each in told]
    assert found == [(0, "complete"), (None, "suppressed"), (None, "no-data")]


async def test_londons_own_figures_are_told_by_any_days(demonstration):
    asked = {"measure": "transgender-hate-crime", "window": "month", "end": "2017-05-31", "dataset": "demo"}
    assert (await demonstration.get("/v1/compare", **asked))["value"] > 0


async def test_a_quarter_that_is_not_over_is_not_told(demonstration):
    early = Queries(demonstration.reader, FixedClock(datetime(2017, 6, 30, tzinfo=UTC)), KNOWN)
    measure, area = KNOWN.measures.resolve("racist-and-religious-hate-crime"), KNOWN.areas.resolve(CAMDEN)
    for queries, status in ((early, "suppressed"), (demonstration.queries, "complete")):
        found, _ = await queries.figures([measure], area, "demo", [QUARTER])
        assert found[measure.id][0].status == status


async def test_nothing_is_withheld_where_the_rule_says_so(demonstration):
    suppression = Suppression(KNOWN, Rule(below=0))
    queries = Queries(demonstration.reader, FixedClock(datetime(2017, 8, 15, tzinfo=UTC)), KNOWN, None, suppression)
    measure, area = KNOWN.measures.resolve("transgender-hate-crime"), KNOWN.areas.resolve(CAMDEN)
    found, _ = await queries.figures([measure], area, "demo", [window_ending("month", date(2017, 6, 30))])
    assert found[measure.id][0].value is not None


async def test_prometheus_is_told_of_london_alone(demonstration):
    await Gauges(demonstration.queries, KNOWN).refresh()
    areas = {sample.labels["area"] for metric in MEASURE.collect() for sample in metric.samples}
    assert areas == {LONDON}


class Counting:
    """A reader that remembers which sums were asked of it."""

    def __init__(self, reader):
        self._reader, self.asked = reader, []

    def __getattr__(self, name):
        return getattr(self._reader, name)

    async def sums(self, kind, dataset, windows):
        self.asked.append(list(windows))
        return await self._reader.sums(kind, dataset, windows)


BEFORE = Window(date(2017, 1, 1), date(2017, 3, 31))
BOTH = Window(BEFORE.first, QUARTER.last)


@pytest.mark.parametrize(
    ("measure", "area", "asked"),
    [("knife-crime", CAMDEN, [BOTH]), ("hate-crime", LONDON, [BOTH]), ("hate-crime", CAMDEN, [BOTH, BEFORE, QUARTER])],
)
async def test_who_asks_for_nothing_sensitive_of_a_part_of_london_has_nothing_more_read(
    demonstration, measure, area, asked
):
    reader = Counting(demonstration.reader)
    queries = Queries(reader, FixedClock(datetime(2017, 8, 15, tzinfo=UTC)), KNOWN)
    await queries.figures([KNOWN.measures.resolve(measure)], KNOWN.areas.resolve(area), "demo", [BOTH])
    # In one reading: what is withheld is judged by the very counts that are told.
    assert reader.asked == [asked]
