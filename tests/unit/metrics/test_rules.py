from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.metrics.rules as module
from services.metrics.comparisons import Figure, compare
from services.metrics.periods import Window
from services.metrics.rules import Incident, InvalidRules, alert, following, read_rules, sentence

BUILT_IN = Path(module.__file__).with_name("rules.toml").read_text()
RULE = """
[[rule]]
id = "knives"
title = "Knife crime is rising"
owner = "MPS"
measure = "knife-crime"
window = "12m"
figure = "percent_change"
is = "above"
threshold = 10
"""
CURRENT, BASELINE = Window(date(2016, 7, 1), date(2017, 6, 30)), Window(date(2015, 7, 1), date(2016, 6, 30))


@pytest.fixture
def rule(known):
    def make(**changes):
        text = RULE
        for name, value in changes.items():
            text = "\n".join(line for line in text.splitlines() if not line.startswith(f"{name} ="))
            text += f"\n{name} = {value!r}"
        (made,) = read_rules(text, known)
        return made

    return make


def comparison(value, baseline, status="complete"):
    return compare(Figure(CURRENT, value, status), [Figure(BASELINE, baseline, "complete")])


@pytest.mark.parametrize(
    ("changes", "value", "baseline", "met"),
    [
        ({}, 111, 100, True),
        ({}, 110, 100, False),  # at the threshold is not beyond it
        ({"is": "below", "threshold": -5}, 94, 100, True),
        ({"is": "below", "threshold": -5}, 95, 100, False),
        ({"figure": "value"}, 11, 100, True),
        ({"figure": "change"}, 111, 100, True),
        ({"figure": "change"}, 11, 0, True),
        ({}, 11, 0, None),  # there is no percentage of nothing
    ],
)
def test_a_rule_is_met_strictly_beyond_its_threshold(rule, changes, value, baseline, met):
    assert rule(**changes).met(comparison(value, baseline)) is met


@pytest.mark.parametrize("status", ["partial", "incomplete"])
def test_a_rule_says_nothing_of_figures_that_are_not_complete(rule, status):
    assert rule().met(comparison(111, 100, status)) is None


def test_a_rule_says_nothing_where_there_is_no_data(rule):
    assert rule().met(compare(Figure(CURRENT, None, "no-data"), [Figure(BASELINE, 5, "complete")])) is None
    assert (
        rule(figure="value").met(compare(Figure(CURRENT, 5, "complete"), [Figure(BASELINE, None, "no-data")])) is None
    )


@given(st.lists(st.sampled_from([True, False, None])))
def test_an_incident_is_told_once_when_it_opens_and_once_when_it_closes(history):
    incident, told = None, []
    for met in history:
        if change := following(incident, met):
            incident = change
            told.append(change)
    known = [met for met in history if met is not None]
    turns = [now for before, now in zip([False, *known], known, strict=False) if before != now]
    assert [each.open for each in told] == turns
    assert [each.number for each in told] == [n // 2 + 1 for n in range(len(told))]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"measure": "knive-crime"}, "Knife Crime"),
        ({"area": "Camdem"}, "Camden"),
        ({"window": "custom"}, "knives"),
        ({"against": "baseline"}, "knives"),
        ({"window": "fortnight"}, "window"),
        ({"is": "beside"}, "is"),
        ({"threshold": "ten"}, "threshold"),
        ({"colour": "red"}, "colour"),
        ({"against": "target"}, "against"),
        ({"measure": "good-job"}, "percentage points; use figure 'change'"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_with_what_is_wrong(rule, changes, told):
    with pytest.raises(InvalidRules, match=told):
        rule(**changes)


def test_rules_that_are_no_toml_or_share_an_id_are_refused(known):
    with pytest.raises(InvalidRules):
        read_rules("[[rule", known)
    with pytest.raises(InvalidRules, match="same id"):
        read_rules(RULE * 2, known)


def test_no_rules_are_rules_too_and_the_built_in_ones_can_be_read(known):
    assert read_rules("", known) == ()
    assert len(read_rules(BUILT_IN, known)) >= 3


def test_an_alert_says_the_figures_the_days_and_the_rule(rule, known):
    made = rule()
    event = alert(
        made,
        "live",
        Incident(4, open=True, series="s"),
        comparison(12_074, 9_721),
        known.measures.resolve("knife-crime"),
        known.areas.resolve("London"),
        "http://metrics/",
        datetime(2017, 7, 1, tzinfo=UTC),
    )
    assert (event.alert_id, event.incident_id, event.state) == ("knives/live/s-4/raised", "knives/live/s-4", "raised")
    assert event.text == (
        "London: Knife Crime, 1 July 2016 to 30 June 2017: 12,074 offences, against 9,721 from 1 July 2015 to "
        "30 June 2016 (+24.2%). The rule: percent change above 10."
    )


def test_an_alert_on_a_percentage_speaks_of_points(rule, known):
    made = rule(measure="good-job", figure="change", threshold=1)
    moved = compare(Figure(CURRENT, 68.6, "complete"), [Figure(BASELINE, 67.2, "complete")], "percent")
    assert made.met(moved) is True
    text = sentence(made, moved, known.measures.resolve("good-job"), known.areas.resolve("London"))
    assert text.endswith(
        "68.6 percent, against 67.2 from 1 July 2015 to 30 June 2016 (+1.4 points). The rule: change above 1."
    )
