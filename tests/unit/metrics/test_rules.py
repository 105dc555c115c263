"""What each kind of alert rule says of figures, and when an incident opens and closes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.breaks import Bearing, Breaks
from services.metrics.figures import Figure, Gap
from services.metrics.indicators import Indicators
from services.metrics.periods import Window
from services.metrics.rules import Found, Incident, InvalidRules, Situation, alert, following, is_turned, read_rules
from services.metrics.rules.completeness import completeness
from shared.events import Indicator
from shared.reference.register import read_register
from shared.reference.targets import read_targets
from tests.unit.metrics.test_signals import STEP, monthly, numbers

BUILT_IN = (files("services.metrics.rules") / "rules.toml").read_text()
COMPARISON = {
    "id": "knives",
    "title": "Knife crime is rising",
    "owner": "MPS",
    "measure": "knife-crime",
    "window": "12m",
    "figure": "percent_change",
    "is": "above",
    "threshold": 10,
}
COMMON = {name: COMPARISON[name] for name in ("id", "title", "owner", "measure")}
YEAR, BEFORE = Window(date(2016, 7, 1), date(2017, 6, 30)), Window(date(2015, 7, 1), date(2016, 6, 30))
LONDON = "E12000007"


def toml(rule):
    def value(each):
        return repr(each).lower() if isinstance(each, bool) else repr(list(each) if isinstance(each, tuple) else each)

    return "[[rule]]\n" + "\n".join(f"{name} = {value(each)}" for name, each in rule.items())


@pytest.fixture
def rule(known):
    def make(**fields):
        (made,) = read_rules(toml(fields), known)
        return made

    return make


@pytest.fixture
def at(known):
    def make(rule, reached=date(2017, 6, 30), today=date(2017, 7, 5)):
        measure, (area, *_) = known.measures.resolve(rule.measure), rule.places(known)
        on, breaks = Bearing(measure, area, "live"), Breaks(read_register(known), known)
        return Situation(on, today, reached, known, breaks, read_targets(known.measures, known.areas))

    return make


def found(rule, situation, values=(), posted=()):
    """The figures that the rule asks for: these values, or whole figures, in the order of its windows."""
    asked = rule.asks(situation)
    assert len(asked.windows) == len(values)
    measures = [each.id for each in asked.measures]
    figures = {
        (measure, window): value if isinstance(value, Figure) else Figure(window, value, "complete")
        for measure in measures
        for window, value in zip(asked.windows, values, strict=True)
    }
    return Found(figures, Indicators(posted))


def judged(rule, situation, values=(), posted=()):
    return rule.judge(situation, found(rule, situation, values, posted))


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
def test_a_comparison_is_met_strictly_beyond_its_threshold(rule, at, changes, value, baseline, met):
    made = rule(**COMPARISON | changes)
    (said,) = judged(made, at(made), [value, baseline])
    assert said.met is met
    assert said.window == YEAR


@pytest.mark.parametrize(
    ("value", "met", "holds"), [(111, True, True), (109, False, True), (105, False, False), (104, False, False)]
)
def test_a_comparison_that_is_met_holds_until_it_passes_where_it_clears(rule, at, value, met, holds):
    made = rule(**COMPARISON, clears=5)
    (said,) = judged(made, at(made), [value, 100])
    assert (said.met, said.holds) == (met, holds)


@pytest.mark.parametrize("status", ["partial", "incomplete", "no-data"])
def test_a_comparison_says_nothing_of_figures_that_are_not_complete(rule, at, status):
    made = rule(**COMPARISON)
    value = None if status == "no-data" else 111
    (said,) = judged(made, at(made), [Figure(YEAR, value, status), 100])
    assert (said.met, said.holds) == (None, None)


def test_a_comparison_across_a_break_says_nothing_unless_it_is_to(rule, at):
    fields = COMPARISON | {"measure": "total-notifiable-offences"}
    for across, met in ((False, None), (True, True)):
        made = rule(**fields, across_breaks=across)
        (said,) = judged(made, at(made, reached=date(2013, 12, 31)), [200, 100])
        assert said.met is met


def test_a_rule_says_nothing_where_the_dataset_holds_nothing(rule, at):
    made = rule(**COMPARISON)
    assert judged(made, at(made, reached=None)) == []


def chart_rule(rule, **fields):
    return rule(**COMMON | {"kind": "signal", "measure": "total-robbery", "points": 30} | fields)


@pytest.mark.parametrize(
    ("watched_for", "values", "met"),
    [
        ("concerning", [*numbers(STEP)[:-2], 34, 60], True),
        ("improving", [*numbers(STEP)[:-2], 34, 60], False),
        ("any", [*numbers(STEP)[:-2], 34, 60], True),
        ("improving", [*numbers(STEP)[:-1], 1], True),
        ("concerning", [*numbers(STEP)[:-1], 25], False),
    ],
)
def test_a_signal_is_met_by_the_last_whole_periods_point(rule, at, watched_for, values, met):
    made = chart_rule(rule, **{"is": watched_for})
    (said,) = judged(made, at(made), values)
    assert (said.met, said.holds) == (met, met)
    assert said.window == Window(date(2017, 6, 1), date(2017, 6, 30))
    assert set(said.figures) == {"value", "mean", "lower", "upper"}
    assert said.path.startswith(f"/charts/total-robbery?area={LONDON}&dataset=live&interval=month")


def test_a_signal_says_nothing_of_a_month_that_is_not_complete(rule, at):
    made = chart_rule(rule)
    (said,) = judged(made, at(made), [*numbers(STEP)[:-1], Figure(monthly([1])[0].window, 900, "partial")])
    assert (said.met, said.holds) == (None, None)


def test_a_signal_of_a_measure_with_a_season_is_that_of_its_change_on_the_year_before(rule, at):
    made = chart_rule(rule, measure="asb-calls", points=12)
    situation = at(made)
    asked = made.asks(situation).windows
    summer = {each: 1000 + 900 * (4 <= each.first.month <= 9) + each.first.month % 3 for each in asked}
    (said,) = judged(made, situation, [summer[each] for each in asked])
    assert said.met is False
    assert said.value == 0
    assert ": 0 calls, as a change on the same month of the year before; the mean is 0" in said.text


@pytest.mark.parametrize(("value", "met"), [(1257, True), (1258, False), (1300, False), (None, None)])
def test_a_target_is_missed_below_what_it_asks_for(rule, at, value, met):
    made = rule(**COMMON | {"kind": "target", "measure": "dedicated-ward-officers"})
    figure = Figure(YEAR, value, "complete" if value else "no-data")
    (said,) = judged(made, at(made), [figure])
    assert said.met is met
    assert said.figures["asked for"] == 1258
    assert "where 1,258 is asked for" in said.text
    assert "and is due by 31 December 2017" in said.text


@pytest.mark.parametrize(
    ("today", "met", "holds"), [(5, False, False), (8, False, True), (10, False, True), (11, True, True)]
)
def test_a_dataset_is_late_by_more_days_than_the_rule_allows(rule, at, today, met, holds):
    made = rule(**COMMON | {"kind": "late", "days": 10, "clears": 5})
    (said,) = judged(made, at(made, reached=date(2017, 6, 30), today=date(2017, 7, today)))
    assert (said.met, said.holds) == (met, holds)


def test_a_dataset_that_never_held_anything_is_not_late(rule, at):
    made = rule(**COMMON | {"kind": "late", "days": 10})
    assert judged(made, at(made, reached=None)) == []


@pytest.mark.parametrize(("below", "met", "holds"), [(95, True, True), (90, False, True), (40, False, False)])
def test_completeness_is_low_where_too_few_days_have_data(rule, at, below, met, holds):
    made = rule(**COMMON | {"kind": "completeness", "below": below, "clears": below + 5})
    gap = Gap(date(2016, 12, 1), date(2016, 12, 31), "no data", "knife-crime")
    (said,) = judged(made, at(made), [Figure(YEAR, 9, "partial", missing=(gap, gap))])
    assert said.figures == {"percent of days": 91.5}
    assert (said.met, said.holds) == (met, holds)


def test_what_is_withheld_is_not_missing(rule, at):
    made = rule(**COMMON | {"kind": "completeness", "below": 95})
    gap = Gap(*YEAR, "suppressed: a small count", "knife-crime")
    assert judged(made, at(made), [Figure(YEAR, None, "suppressed", missing=(gap,))]) == []


def test_days_that_are_merely_provisional_are_complete():
    provisional = Gap(*YEAR, "provisional", "m")
    assert completeness(Figure(YEAR, 1, "partial", missing=(provisional,))) == 100
    assert completeness(Figure(YEAR, None, "no-data", missing=(Gap(*YEAR, "no data", "m"),))) == 0


def survey(value, **breakdown):
    return Indicator(
        indicator="good-job",
        area=LONDON,
        period="2017-18-Q1",
        breakdown=breakdown,
        value=value,
        unit="percent",
        status="final",
    )


def test_a_gap_is_judged_for_each_group_by_itself_and_five_points_are_none(rule, at):
    made = rule(**COMMON | {"kind": "gap", "measure": "good-job", "breakdown": "ethnicity"})
    posted = [
        survey(68.6),
        survey(63.6, ethnicity="Asian"),
        survey(62.3, ethnicity="Mixed"),
        survey(74, ethnicity="Black"),
    ]
    posted += [survey(10, age="16-24"), survey(1, ethnicity="Mixed", sex="Male")]
    said = {each.part: (each.met, each.figures["gap"]) for each in judged(made, at(made), posted=posted)}
    assert said == {
        "ethnicity=Asian": (False, -5),
        "ethnicity=Mixed": (True, -6.3),
        "ethnicity=Black": (True, 5.4),
    }


@given(st.lists(st.sampled_from([True, False, None])))
def test_an_incident_is_told_once_when_it_opens_and_once_when_it_closes(history):
    incident, told = None, []
    for met in history:
        if change := following(incident, met, met):
            told += [change] * is_turned(incident, change)
            incident = change
    known = [met for met in history if met is not None]
    turns = [now for before, now in zip([False, *known], known, strict=False) if before != now]
    assert [each.open for each in told] == turns
    assert [each.number for each in told] == [n // 2 + 1 for n in range(len(told))]


@given(st.lists(st.booleans()), st.integers(1, 4), st.integers(1, 4))
def test_an_incident_turns_after_as_many_evaluations_in_a_row_as_the_rule_says(history, raise_after, clear_after):
    incident, is_open, streak = None, False, 0
    for met in history:
        incident = following(incident, met, met, raise_after, clear_after) or incident
        streak = 0 if met == is_open else streak + 1
        if streak == (clear_after if is_open else raise_after):
            is_open, streak = not is_open, 0
        assert (incident or Incident()).open == is_open


def test_what_cannot_be_said_neither_opens_nor_closes_nor_counts_as_an_evaluation():
    once = following(None, True, True, raise_after=2)
    assert once == Incident(streak=1)
    assert following(once, None, None, raise_after=2) is None
    assert following(once, True, True, raise_after=2) == Incident(1, open=True)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (COMPARISON | {"measure": "knive-crime"}, "Knife Crime"),
        (COMPARISON | {"area": "Camdem"}, "Camden"),
        (COMPARISON | {"areas": ("Camdem",)}, "Camden"),
        (COMPARISON | {"window": "custom"}, "knives.*move with time"),
        (COMPARISON | {"against": "baseline"}, "knives.*move with time"),
        (COMPARISON | {"window": "fortnight"}, "window"),
        (COMPARISON | {"is": "beside"}, "is"),
        (COMPARISON | {"threshold": "ten"}, "threshold"),
        (COMPARISON | {"colour": "red"}, "colour"),
        (COMPARISON | {"against": "target"}, "against"),
        (COMPARISON | {"measure": "good-job"}, "percentage points; use figure 'change'"),
        (COMPARISON | {"clears": 11}, "clears: 11 is above the threshold"),
        (COMPARISON | {"raise_after": 0}, "raise_after"),
        (COMPARISON | {"id": "@watch"}, "id"),
        (COMPARISON | {"id": "a/b"}, "id"),
        (COMMON | {"kind": "weather"}, "weather"),
        (COMMON | {"kind": "signal", "measure": "other-calls"}, "use is = 'any'"),
        (COMMON | {"kind": "signal", "points": 11}, "points"),
        (COMMON | {"kind": "target"}, "no target is declared"),
        (COMMON | {"kind": "target", "measure": "good-job", "area": "Camden"}, "the target of 'good-job' is for"),
        (COMMON | {"kind": "completeness", "below": 90, "clears": 80}, "clears: 80"),
        (COMMON | {"kind": "completeness", "below": 101}, "below"),
        (COMMON | {"kind": "gap", "breakdown": "age"}, "not posted by groups"),
        (COMMON | {"kind": "gap", "breakdown": "age", "measure": "good-job", "clears": 6}, "'clears' is no more"),
        (COMMON | {"kind": "late"}, "days"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_with_what_is_wrong(rule, fields, told):
    with pytest.raises(InvalidRules, match=told):
        rule(**fields)


def test_rules_that_are_no_toml_or_share_an_id_are_refused(known):
    with pytest.raises(InvalidRules):
        read_rules("[[rule", known)
    with pytest.raises(InvalidRules, match="same id"):
        read_rules(f"{toml(COMPARISON)}\n{toml(COMPARISON)}", known)


def test_no_rules_are_rules_too_and_the_built_in_ones_are_of_every_kind(known):
    assert read_rules("", known) == ()
    kinds = {each.kind for each in read_rules(BUILT_IN, known)}
    assert kinds == {"comparison", "signal", "target", "late", "completeness", "gap"}


def test_a_rule_of_several_areas_has_an_incident_in_each(rule, known):
    made = rule(**COMPARISON, areas=("Camden", "Barnet"))
    assert [made.name("live", each) for each in made.places(known)] == [
        "knives/live/E09000007",
        "knives/live/E09000003",
    ]
    everywhere = rule(**COMPARISON, areas="boroughs")
    assert {each.kind for each in everywhere.places(known)} == {"borough"}
    alone = rule(**COMPARISON)
    assert [alone.name("live", each) for each in alone.places(known)] == ["knives/live"]


def test_an_alert_says_the_figures_the_days_and_the_rule(rule, at, known):
    made = rule(**COMPARISON)
    situation = at(made)
    (said,) = judged(made, situation, [12_074, 9_721])
    incident, on, when = Incident(4, open=True, series="s"), situation.on, datetime(2017, 7, 1, tzinfo=UTC)
    event = alert(made, "live", incident, said, on.measure, on.area, "http://metrics", when)
    assert (event.alert_id, event.incident_id, event.state) == ("knives/live/s-4/raised", "knives/live/s-4", "raised")
    assert event.text == (
        "London: Knife Crime, 1 July 2016 to 30 June 2017: 12,074 offences, against 9,721 from 1 July 2015 to "
        "30 June 2016 (+24.2%). The rule: percent change above 10."
    )
    assert (event.kind, event.unit) == ("comparison", "offences")
    assert event.figures == {"value": 12_074, "baseline": 9_721, "change": 2_353}
    assert event.link == (
        f"http://metrics/v1/compare?measure=knife-crime&area={LONDON}&dataset=live"
        "&window=12m&against=year-before&end=2017-06-30"
    )


def test_an_alert_on_a_percentage_speaks_of_points(rule, at):
    made = rule(**COMPARISON | {"measure": "good-job", "figure": "change", "threshold": 1})
    (said,) = judged(made, at(made), [68.6, 67.2])
    assert said.met is True
    assert said.text.endswith(
        "68.6 percent, against 67.2 from 1 July 2015 to 30 June 2016 (+1.4 points). The rule: change above 1."
    )


def test_a_comparison_judges_a_provisional_figure(rule, at):
    made = rule(**COMPARISON)
    provisional = Figure(YEAR, 111, "partial", missing=(Gap(*YEAR, "provisional", "knife-crime"),))
    (said,) = judged(made, at(made), [provisional, 100])
    assert said.met is True


def test_a_rule_of_a_value_alone_needs_nothing_to_compare_with(rule, at):
    made = rule(**COMPARISON | {"figure": "value", "threshold": 100})
    (said,) = judged(made, at(made), [111, Figure(BEFORE, None, "no-data")])
    assert said.met is True
    assert said.text.endswith("1 July 2016 to 30 June 2017: 111 offences. The rule: value above 100.")
    fields = COMPARISON | {"figure": "value", "measure": "total-notifiable-offences", "threshold": 100}
    made = rule(**fields)
    for reached, met in ((date(2014, 6, 30), True), (date(2013, 6, 30), None)):  # a break lies before, or within
        (said,) = judged(made, at(made, reached=reached), [111, 100])
        assert said.met is met


def test_a_value_is_not_told_beside_one_of_across_a_break_unless_it_is_to(rule, at):
    fields = COMPARISON | {"figure": "value", "measure": "total-notifiable-offences", "threshold": 100}
    for across, baseline, change in ((False, None, None), (True, 100, 11)):
        made = rule(**fields, across_breaks=across)
        (said,) = judged(made, at(made, reached=date(2014, 1, 31)), [111, 100])
        assert said.met is True
        assert (said.baseline, said.percent_change, said.figures["change"]) == (baseline, change, change)
        assert ("against 100" in said.text) is across


def test_what_is_withheld_is_not_told_as_no_data(rule, at):
    made = rule(**COMPARISON)
    (said,) = judged(made, at(made), [Figure(YEAR, None, "suppressed"), 100])
    assert ": suppressed. The rule" in said.text


def test_an_average_is_told_as_one(rule, at):
    made = rule(**COMPARISON, against="3y-average")
    (said,) = judged(made, at(made), [120, 100, 90, 110])
    assert "120 offences, against 100 on average from 1 July 2013 to 30 June 2016 (+20.0%)" in said.text


@pytest.mark.parametrize(
    ("fields", "is_across"),
    [
        ({}, False),
        ({"across_breaks": True}, True),
        ({"figure": "value"}, True),  # what stands beside it is not what was judged
    ],
)
def test_an_alerts_link_is_answered_where_a_break_is_crossed(rule, at, fields, is_across):
    made = rule(**COMPARISON | fields)
    (said,) = judged(made, at(made), [111, 100])
    assert said.path.endswith("&across_breaks=true") is is_across


def test_a_signals_link_asks_for_the_chart_that_was_judged(rule, at):
    made = chart_rule(rule, run=6, across_breaks=True)
    (said,) = judged(made, at(made), numbers(STEP))
    assert said.path.endswith("&across_breaks=true&run=6")


def test_a_measure_with_a_season_is_not_compared_across_a_break_for_a_year_after_it(rule, at, known, tmp_path):
    (tmp_path / "own.toml").write_text(
        '[[break]]\nid = "calls"\non = 2016-12-05\ntitle = "New"\nreason = "New room."\nmeasures = ["asb-calls"]\n'
    )
    made = chart_rule(rule, measure="asb-calls", interval="week")
    breaks = Breaks(read_register(known, tmp_path / "own.toml"), known)
    for across, met in ((False, None), (True, True)):
        asked = msgspec.structs.replace(made, across_breaks=across)
        situation = replace(at(made), breaks=breaks)
        windows = asked.asks(situation).windows
        values = [1000 + each.first.day % 3 + 900 * (each.last == date(2017, 6, 25)) for each in windows]
        (said,) = judged(asked, situation, values)
        assert said.met is met
