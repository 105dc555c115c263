"""What bears on a measure's figures: breaks across which nothing is compared unasked, and what happened meanwhile."""

from datetime import date

import pytest

from services.metrics.breaks import Bearing, Breaks
from services.metrics.periods import Window, window_ending, year_before
from shared.reference import InconsistentReference
from shared.reference.register import read_register

RULES = """
[[break]]
id = "new-forms"
on = 2016-10-01
title = "New forms"
reason = "Two kinds are recorded as one."
measures = ["total-burglary"]
areas = ["E09000007"]

[[break]]
id = "calls"
on = 2016-01-01
title = "A new control room"
reason = "Calls are counted where they are answered."
of = "call"

[[annotation]]
id = "fair"
from = 2016-08-01
to = 2016-08-20
title = "A fair"
text = "On the heath."
datasets = ["live"]

[[rebase]]
id = "level"
measure = "total-burglary"
from = 2016-02-01
reason = "A new patrol."
"""


@pytest.fixture
def registered(known, tmp_path):
    def read(text=RULES):
        (tmp_path / "own.toml").write_text(text)
        return read_register(known, tmp_path / "own.toml")

    return read


@pytest.fixture
def bearing(known):
    def make(measure, area="Camden", dataset="live"):
        return Bearing(known.measures.resolve(measure), known.areas.resolve(area), dataset)

    return make


@pytest.fixture
def breaks(registered, known):
    return Breaks(registered(), known)


@pytest.mark.parametrize(
    ("measure", "area", "dataset", "found"),
    [
        ("total-burglary", "Camden", "live", ["new-forms"]),
        ("total-burglary", "Barnet", "live", []),
        ("total-burglary", "London", "live", ["new-forms"]),  # what breaks off in a borough does so in London
        ("total-burglary", "Camden", "simulated", []),
        ("total-burglary", "Camden", "simulated-7", []),
        ("theft-person", "Camden", "live", []),
        ("calls-999", "Barnet", "live", ["calls"]),
        ("asb-calls-nuisance-share", "Barnet", "live", ["calls"]),  # computed from what is counted of calls
    ],
)
def test_a_break_bears_on_what_it_names_and_on_what_is_computed_from_it(breaks, bearing, measure, area, dataset, found):
    assert [each.id for each in breaks.of(bearing(measure, area, dataset))] == found


@pytest.mark.parametrize(
    ("end", "crossed"),
    [
        (date(2016, 9, 30), False),  # all of both years before
        (date(2016, 10, 1), True),  # its last day is the first of the new series
        (date(2017, 9, 30), True),  # the year after against the year before it
        (date(2018, 9, 30), False),  # all after
    ],
)
def test_windows_cross_a_break_that_has_days_of_them_on_both_sides(breaks, bearing, end, crossed):
    year = window_ending("12m", end)
    found = breaks.crossed(bearing("total-burglary"), [year, year_before("12m", year)])
    assert [each.id for each in found] == (["new-forms"] if crossed else [])


def test_a_break_in_a_gap_between_the_windows_is_crossed_too(breaks, bearing):
    windows = [Window(date(2016, 11, 1), date(2016, 11, 30)), Window(date(2016, 8, 1), date(2016, 8, 31))]
    assert breaks.crossed(bearing("total-burglary"), windows)


def test_annotations_are_those_whose_days_touch_the_span(breaks, bearing):
    on, august = bearing("theft-person"), Window(date(2016, 8, 20), date(2016, 9, 1))
    assert [each.id for each in breaks.annotations(on, august)] == ["fair"]
    assert breaks.annotations(bearing("theft-person", dataset="demo"), august) == []
    assert breaks.annotations(on, Window(date(2016, 8, 21), date(2016, 9, 1))) == []


def test_the_built_in_register_has_what_the_report_speaks_of(known, bearing):
    built_in = Breaks(read_register(known), known)
    span = Window(date(2015, 7, 1), date(2017, 6, 30))
    happened = [each.id for each in built_in.annotations(bearing("hate-crime", "London", "demo"), span)]
    assert {"eu-referendum", "westminster-attack", "london-bridge-attack", "finsbury-park-attack"} <= set(happened)
    assert [each.on for each in built_in.of(bearing("sanction-detection-rate-hate-crime", "London"))] == [
        date(2024, 3, 1)
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('measures = ["total-burglary"]', 'measures = ["burglry"]', "no measure 'burglry'"),
        ('areas = ["E09000007"]', 'areas = ["Camdem"]', "no area has the id 'Camdem'"),
        ('reason = "A new patrol."', 'reason = " "', "'reason' is empty"),
        ('reason = "A new patrol."', "", "reason"),
        ('[[break]]\nid = "new', 'seasonal = ["fireworks"]\n[[break]]\nid = "new', "no measure 'fireworks'"),
        ("to = 2016-08-20", "to = 2016-07-20", "'to' is before 'from'"),
        ('id = "fair"', 'id = "calls"', "'calls' stands there twice"),
        ('id = "fair"', 'id = "fair"\ncolour = "red"', "colour"),
        ("[[rebase]]", "[[rebase", "own.toml"),
        ("from = 2016-02-01", "from = 2016-02-01\nuntil = 2016-01-01", "'until' is not after 'from'"),
    ],
)
def test_a_register_that_does_not_hold_together_is_refused_with_the_entry(registered, old, new, told):
    assert old in RULES
    with pytest.raises(InconsistentReference, match=told) as refused:
        registered(RULES.replace(old, new))
    assert "own.toml" in str(refused.value)


def test_whatever_is_counted_of_calls_about_anti_social_behaviour_or_computed_from_them_has_a_season(known, registered):
    built_in = Breaks(read_register(known), known)
    seasonal = {each.id for each in known.measures if built_in.is_seasonal(each)}
    assert seasonal == {each.id for each in known.measures if each.id.startswith("asb-")}
    own = Breaks(registered('seasonal = ["theft-person"]\n' + RULES), known)
    assert own.is_seasonal(known.measures.resolve("theft-person"))
    assert own.is_seasonal(known.measures.resolve("asb-calls"))


def test_a_register_that_is_not_there_is_refused(known, tmp_path):
    with pytest.raises(InconsistentReference, match="cannot be read"):
        read_register(known, tmp_path / "none.toml")
