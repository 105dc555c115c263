"""Figures of every kind of measure, from counts and posted figures."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.evaluation import Evaluation
from services.metrics.evidence import Counted, Facts, closure
from services.metrics.extents import Extent
from services.metrics.indicators import Indicators
from services.metrics.periods import Window
from shared.events import Indicator
from shared.reference import Vocabulary, reference
from shared.reference.measures import Measure
from shared.reference.seconds import EDGES, bucket_of

WINDOW, BEFORE = Window(date(2017, 4, 1), date(2017, 6, 30)), Window(date(2016, 4, 1), date(2016, 6, 30))
TODAY = date(2017, 8, 1)
LONDON, CAMDEN = "E12000007", "E09000007"


def declare(name, kind, **fields):
    declared = {"title": name, "definition": "", "unit": "", "good": "down", "plan_area": "", "version": 1}
    return Measure(id=name, kind=kind, **(declared | fields))


MEASURES = [
    declare("offences", "count", of="crime"),
    declare("detections", "count", of="crime"),
    declare("attended", "count", of="call"),
    declare("median", "percentile", of="call", value="answer-seconds", quantile=0.5),
    declare("detection-rate", "rate", unit="percent", numerator="detections", denominator="offences", per=100),
    declare("undetected", "difference", minuend="offences", subtrahend="detections"),
    declare("officers", "indicator", over="standing"),
    declare("per-officer", "rate", numerator="undetected", denominator="officers", per=1),
    declare("attended-by-crime", "rate", numerator="attended", denominator="offences", per=1000),
    declare("residents", "indicator", over="standing", default="area-population"),
    declare("per-resident", "rate", numerator="offences", denominator="residents", per=1000),
]
KNOWN = replace(reference(), measures=Vocabulary("measure", MEASURES))
FROM = dict.fromkeys(("offences", "detections", "attended", "median"), date(2016, 1, 1))
EXTENT = Extent(date(2016, 1, 1), date(2017, 6, 30), FROM, as_of="2017-07-01T00:00:00Z")


class Places:
    """A layout of columns: those of counts first, then those of one percentile."""

    def __init__(self, counts, percentile=None):
        self.places = {name: column for column, name in enumerate(counts)}
        end = len(counts) + len(EDGES) + 1
        self.histograms = {percentile: slice(len(counts), end)} if percentile else {}
        self.presupposed = dict.fromkeys(counts, ())
        self.width = end if percentile else len(counts)


CRIMES, CALLS = Places(["offences", "detections"]), Places(["attended"], "median")


def counted(layout, rows, extent=EXTENT):
    """`rows`: for each window the counts of each column, the same in every area."""
    areas = max(area.index for area in KNOWN.areas) + 1
    return Counted(layout, extent, [np.tile(np.array(row, np.int64), (areas, 1)) for row in rows])


def evaluate(name, crimes=((0, 0), (0, 0)), posted=(), area=LONDON, extent=EXTENT, answered=(), calls_extent=EXTENT):
    histogram = [0] * (len(EDGES) + 1)
    for seconds in answered:
        histogram[bucket_of(seconds)] += 1
    calls = [len(answered), *histogram]
    kinds = {"crime": counted(CRIMES, crimes, extent), "call": counted(CALLS, [calls, calls], calls_extent)}
    facts = Facts(KNOWN, kinds, Indicators(posted), None, TODAY)
    evaluation = Evaluation(facts, [KNOWN.areas.resolve(area)], [WINDOW, BEFORE])
    return [figures[0] for figures in evaluation.figures(KNOWN.measures.resolve(name))]


def posted(indicator, value, area=LONDON, **fields):
    return Indicator(indicator=indicator, area=area, period="2015-16-Q4", value=value, unit="", **fields)


def test_a_count_is_its_column_in_each_window():
    figures = evaluate("offences", [(30, 2), (20, 1)])
    assert [(each.window, each.value, each.status) for each in figures] == [
        (WINDOW, 30, "complete"),
        (BEFORE, 20, "complete"),
    ]


def test_counts_are_those_of_the_areas_asked_for():
    sums = np.arange(80).reshape(40, 2)
    facts = Facts(KNOWN, {"crime": Counted(CRIMES, EXTENT, [sums])}, Indicators(), None, TODAY)
    areas = [KNOWN.areas.resolve(each) for each in (CAMDEN, LONDON)]
    (figures,) = Evaluation(facts, areas, [WINDOW]).figures(KNOWN.measures.resolve("detections"))
    assert [each.value for each in figures] == [int(sums[area.index, 1]) for area in areas]


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_rate_of_sums_is_exactly_their_ratio(detections, offences):
    figure, _ = evaluate("detection-rate", [(offences, detections), (0, 0)])
    assert figure.precise == Fraction(100 * detections, offences)
    assert abs(Fraction(repr(figure.value)) - figure.precise) <= Fraction(1, 20_000)
    assert figure.parts == (("detections", detections), ("offences", offences))


def test_a_rate_of_nothing_has_no_data_and_a_rate_of_none_is_zero():
    nothing, none = evaluate("detection-rate", [(0, 0), (7, 0)])
    assert (nothing.value, nothing.status, nothing.parts) == (None, "no-data", (("detections", 0), ("offences", 0)))
    assert (none.value, none.status) == (0, "complete")


def test_a_difference_and_a_rate_of_it_are_computed_from_each_other():
    assert [each.value for each in evaluate("undetected", [(30, 2), (20, 25)])] == [28, -5]
    figure, _ = evaluate("per-officer", [(30, 2), (20, 1)], [posted("officers", 7, status="final")])
    assert (figure.value, figure.exact, figure.status) == (4, Fraction(4), "complete")
    assert figure.parts == (("undetected", 28), ("officers", 7))


def test_a_derived_figure_is_no_better_than_the_worst_of_its_parts():
    provisional = [posted("officers", 7, status="provisional")]
    torn = replace(EXTENT, lost=3)
    assert evaluate("per-officer", [(30, 2), (20, 1)], provisional)[0].status == "partial"
    assert evaluate("per-officer", [(30, 2), (20, 1)], provisional, extent=torn)[0].status == "incomplete"
    assert evaluate("per-officer", [(30, 2), (20, 1)])[0].status == "no-data"
    named = evaluate("per-officer", [(30, 2), (20, 1)], provisional, extent=torn)[0].missing
    assert {gap.measure for gap in named} == {"offences", "detections", "officers"}


def test_a_rate_of_two_kinds_of_record_rests_on_both():
    assert evaluate("attended-by-crime", [(2000, 0)] * 2, answered=[5] * 3)[0].value == 1.5
    missing = evaluate("attended-by-crime", [(2000, 0)] * 2, answered=[5] * 3, calls_extent=None)[0]
    assert (missing.value, missing.status) == (None, "no-data")
    assert [gap.measure for gap in missing.missing] == ["attended"]


def test_a_percentile_is_read_from_its_histogram():
    seconds = [3, 4, 8, 8, 8, 12, 14]
    assert evaluate("median", answered=seconds)[0].value == sorted(seconds)[len(seconds) // 2]
    none = evaluate("median", answered=[])[0]
    assert (none.value, none.status) == (None, "no-data")


def test_a_count_of_nothing_within_a_month_of_which_only_the_total_is_known_is_not_zero():
    coarse = replace(EXTENT, coarse=frozenset({date(2017, 4, 1)}))
    facts = Facts(KNOWN, {"crime": counted(CRIMES, [(0, 4)], coarse)}, Indicators(), None, TODAY)
    part = Window(date(2017, 4, 1), date(2017, 4, 20))
    evaluation = Evaluation(facts, [KNOWN.areas.resolve(LONDON)], [part])
    found = {name: evaluation.figures(KNOWN.measures.resolve(name))[0][0] for name in ("offences", "detections")}
    assert (found["offences"].value, found["offences"].status) == (None, "no-data")
    assert (found["detections"].value, found["detections"].status) == (4, "partial")


def test_measures_first_counted_on_one_day_may_presuppose_what_was_counted_later():
    layout, begins = Places(["offences", "detections"]), {"offences": date(2016, 1, 1), "detections": date(2016, 1, 1)}
    layout.presupposed = {"offences": [], "detections": ["flagged"]}
    extent = replace(EXTENT, measured_from=begins)
    facts = Facts(KNOWN, {"crime": counted(layout, [(5, 4)], extent)}, Indicators(), None, TODAY)
    evaluation = Evaluation(facts, [KNOWN.areas.resolve(LONDON)], [WINDOW])
    found = [evaluation.figures(KNOWN.measures.resolve(name))[0][0].status for name in ("offences", "detections")]
    assert found == ["complete", "no-data"]


def test_where_no_population_is_posted_it_is_that_of_the_areas():
    people = {area.id: area.population_2015 for area in KNOWN.areas if area.population_2015}
    assert evaluate("residents", area=CAMDEN)[0].value == people[CAMDEN]
    assert evaluate("residents")[0].value == sum(people.values())
    assert evaluate("residents", posted=[posted("residents", 9_000_000, status="final")])[0].value == 9_000_000
    assert evaluate("residents", area="unknown")[0].status == "no-data"
    figure = evaluate("per-resident", [(people[CAMDEN], 0)] * 2, area=CAMDEN)[0]
    assert (figure.value, figure.status) == (1000, "complete")


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("offences", ["offences"]),
        ("per-officer", ["per-officer", "undetected", "offences", "detections", "officers"]),
    ],
)
def test_what_a_measure_is_computed_from_is_found_to_the_last(name, needed):
    assert [each.id for each in closure([KNOWN.measures.resolve(name)], KNOWN)] == needed


def test_figures_are_as_of_the_latest_record_or_posting():
    facts = Facts(KNOWN, {"crime": counted(CRIMES, [(1, 1)])}, Indicators(), "2017-07-02T00:00:00Z", TODAY)
    assert facts.as_of == "2017-07-02T00:00:00Z"
    assert replace(facts, posted_at=None).as_of == EXTENT.as_of
    assert replace(facts, posted_at=None, counted={}).as_of is None
