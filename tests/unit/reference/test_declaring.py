"""How measures are declared: defaults, families, files that override; and every refusal with what would be right."""

import re

import pytest

from shared.reference import InconsistentReference, reference, reference_with

COUNT = {
    "id": "new",
    "title": "New",
    "definition": "Of a test.",
    "unit": "offences",
    "kind": "count",
    "good": "down",
    "plan_area": "A Safer London",
    "version": 1,
    "of": "crime",
    "all": ["notifiable"],
}
COMMON = {name: value for name, value in COUNT.items() if name not in {"of", "all"}}
CALLS = {**COMMON, "of": "call", "unit": "calls", "all": ["line:999"]}
RATE = {**COMMON, "kind": "rate", "unit": "percent", "numerator": "rape", "denominator": "homicide", "per": 100}
PERCENTILE = {**CALLS, "kind": "percentile", "unit": "seconds", "value": "answer-seconds", "quantile": 0.5}
DIFFERENCE = {**COMMON, "kind": "difference", "minuend": "rape", "subtrahend": "homicide"}
VIEW = {**COMMON, "kind": "indicator", "unit": "people", "indicator": "pcsos", "breakdown": {"sex": "Male"}}


def toml(value):
    match value:
        case dict():
            return "{ " + ", ".join(f'"{name}" = {toml(each)}' for name, each in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            return f'"{value}"'
    return str(value).lower()


def declared(*measures, table="measure"):
    return "\n".join(
        f"[[{table}]]\n" + "\n".join(f"{name} = {toml(value)}" for name, value in each.items()) for each in measures
    )


def refused(*words):
    return pytest.raises(InconsistentReference, match=".*".join(re.escape(word) for word in words))


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


@pytest.mark.parametrize("fields", [COUNT, CALLS, RATE, PERCENTILE, DIFFERENCE, VIEW], ids=lambda each: each["kind"])
def test_a_measure_of_each_kind_is_read_as_it_stands(copy, fields):
    copy.declare(declared(fields))
    new = copy.load().measures.get("new")
    for name, value in fields.items():
        assert getattr(new, name) == (frozenset(value) if name == "all" else value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (without(COUNT, "title"), ["title: is missing"]),
        (without(COUNT, "kind"), ["kind: is missing; give one of count"]),
        (COUNT | {"kind": "counts"}, ["kind: 'counts' is not one of count, percentile"]),
        (COUNT | {"good": "sideways"}, ["good: 'sideways' is not one of up, down, neither"]),
        (COUNT | {"of": "fire"}, ["of: 'fire' is not one of crime, call, stop"]),
        (COUNT | {"titel": "New"}, ["titel: is no field of a count; it has"]),
        (COUNT | {"numerator": "rape"}, ["numerator: is no field of a count"]),
        (COUNT | {"version": "one"}, ["Expected `int`", "$.version"]),
        (without(COUNT, "of"), ["of: is missing; a count has one"]),
        (without(COUNT, "all"), ["all: say which records are counted", "'record'"]),
        (COUNT | {"all": ["flag:knif"]}, ["all: no crime carries the tag 'flag:knif'", "flag:knife-"]),
        (COUNT | {"any": ["line:999"]}, ["any: no crime carries the tag 'line:999'"]),
        (COUNT | {"none": ["nothing"]}, ["none: no crime carries the tag 'nothing'"]),
        (COUNT | {"all": ["detected"]}, ["dated: 'detected' is known on the day of the outcome", 'dated = "outcome"']),
        (COUNT | {"none": ["outcome:charged"]}, ["dated: 'outcome:charged'"]),
        (COUNT | {"weight": "offenders"}, ["weight: 'offenders' is not one of records, victims, victims-under-25"]),
        (CALLS | {"weight": "victims"}, ["weight: a call has no victims"]),
        (CALLS | {"dated": "outcome"}, ["dated: a call has one day only"]),
        (CALLS | {"all": ["answered-within:11000"]}, ["all: no call carries", "are 10822 and 11471"]),
        (CALLS | {"all": ["attended-within:90000"]}, ["all: no call carries", "86400"]),
        (without(PERCENTILE, "value"), ["value: is missing"]),
        (without(PERCENTILE, "quantile"), ["quantile: is missing"]),
        (PERCENTILE | {"value": "hold-seconds"}, ["value: 'hold-seconds' is not one of answer-seconds"]),
        (PERCENTILE | {"quantile": 90}, ["quantile: 90.0 does not lie between 0 and 1"]),
        (PERCENTILE | {"unit": "minutes"}, ["unit: 'minutes'", "give 'seconds'"]),
        (PERCENTILE | {"of": "stop", "all": ["stop"]}, ["of: a stop has no answer-seconds; give 'call'"]),
        (PERCENTILE | {"all": []}, ["all: say which records are counted"]),
        (
            PERCENTILE | {"all": ["line:999", "kind:asb"]},
            ["all: seconds to answer are told by line", "leave out 'kind:asb'"],
        ),
        (
            CALLS | {"all": ["answered-within:10", "attended-within:900"]},
            ["all: seconds to answer", "'attended-within:900'"],
        ),
        (without(RATE, "denominator"), ["denominator: is missing; a rate has one"]),
        (RATE | {"numerator": ""}, ["numerator: is missing"]),
        (RATE | {"numerator": "rap"}, ["numerator: no measure 'rap' is declared", "rape"]),
        (RATE | {"per": 0}, ["per: 0 is not 1 or more"]),
        (RATE | {"per": 1}, ["unit: 'percent' does not fit per = 1; give 'ratio'"]),
        (RATE | {"unit": "offences"}, ["unit: 'offences' does not fit per = 100; give 'percent'"]),
        (RATE | {"numerator": "new"}, ["numerator: is made of itself, by way of new -> new"]),
        (without(DIFFERENCE, "minuend"), ["minuend: is missing"]),
        (DIFFERENCE | {"minuend": "pcsos"}, ["the minuend is in 'people' and the subtrahend is in 'offences'"]),
        (VIEW | {"indicator": "pcso"}, ["indicator: no measure 'pcso' is declared", "pcsos"]),
        (VIEW | {"indicator": "rape"}, ["indicator: 'rape' is not posted itself"]),
        (VIEW | {"indicator": "pcsos-female"}, ["indicator: 'pcsos-female' is not posted itself"]),
        (without(VIEW, "breakdown"), ["breakdown: a view names an 'indicator' and the 'breakdown'"]),
        (without(VIEW, "indicator"), ["breakdown: a view names an 'indicator'"]),
        (VIEW | {"over": "sum"}, ["over: must be 'last', as that of 'pcsos'"]),
        (VIEW | {"unit": "percent"}, ["unit: must be 'people', as that of 'pcsos'"]),
        (VIEW | {"default": "area-population"}, ["default: a view has none"]),
        (without(VIEW, "indicator", "breakdown") | {"over": "first"}, ["over: 'first' is not one of last, sum, mean"]),
        (COUNT | {"id": "rape"}, ["id: stands in 20-high-harm-and-volume-crime.toml already"]),
        (COUNT | {"title": "Rapes"}, ["title: 'Rapes' stands for both 'rape' and 'new'"]),
    ],
    ids=lambda each: each[0][:60] if isinstance(each, list) else "",
)
def test_a_measure_that_is_not_right_is_refused_with_what_would_be(copy, fields, said):
    copy.declare(declared(fields))
    with refused(f"99-more.toml measure {fields['id']!r}", *said):
        copy.load()


def test_measures_that_are_made_of_each_other_are_refused_with_the_way_around(copy):
    other = RATE | {"id": "other", "title": "Other", "numerator": "new"}
    copy.declare(declared(RATE | {"denominator": "other"}, other))
    with refused("measure 'new': denominator: is made of itself, by way of new -> other -> new"):
        copy.load()


def test_two_measures_may_be_made_of_the_same_one(copy):
    copy.declare(declared(RATE, RATE | {"id": "other", "title": "Other", "numerator": "new", "denominator": "rape"}))
    assert copy.load().measures.get("other").parts == {"numerator": "new", "denominator": "rape"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[measure]\n", "99-more.toml: "),
        ("[[measures]]\n", "99-more.toml: 'measures' is none of topic, defaults, [[measure]], [[family]]"),
        ("[measure]\nid = 1\n", "99-more.toml: write [[measure]] above each measure"),
        ('[defaults]\nkinds = "count"\n', "99-more.toml: defaults: 'kinds' is no field of a measure"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(copy, text, said):
    copy.declare(text)
    with refused(said):
        copy.load()


def test_a_directory_without_measures_is_refused(copy):
    for path in (copy.directory / "measures").iterdir():
        path.unlink()
    with refused("measures: no TOML file"):
        copy.load()


# Defaults


def test_an_entry_has_the_files_defaults_where_its_kind_has_the_field_and_its_own_caveats_besides(copy):
    common = without(COMMON, "id", "title", "unit", "kind") | {"of": "crime", "kind": "count", "unit": "offences"}
    defaults = "[defaults]\n" + "\n".join(f"{name} = {toml(value)}" for name, value in common.items())
    count = {"id": "new", "title": "New", "all": ["record"], "caveats": ["Own."]}
    rate = without(RATE, *common) | {"id": "other", "title": "Other", "kind": "rate", "unit": "percent"}
    copy.declare(f'{defaults}\ncaveats = ["All."]\n{declared(count, rate)}')
    measures = copy.load().measures
    assert (measures.get("new").of, measures.get("new").caveats) == ("crime", ("All.", "Own."))
    assert (measures.get("other").of, measures.get("other").caveats) == (None, ("All.",))


# Families

FAMILY = {**COUNT, "for": "stop-outcome", "of": "stop", "id": "x-{id}", "title": "X: {name}", "all": ["outcome:{id}"]}


def test_a_family_declares_a_measure_for_each_term(copy):
    copy.declare(declared(FAMILY, table="family"))
    known = copy.load()
    found = {each.id: each for each in known.measures if each.id.startswith("x-")}
    assert list(found) == [f"x-{outcome.id}" for outcome in known.stop_outcomes]
    arrested = found["x-arrested"]
    assert (arrested.title, arrested.all) == ("X: Arrested", {"outcome:arrested"})


def test_a_family_leaves_out_or_takes_only_the_terms_named(copy):
    copy.declare(
        declared(
            FAMILY | {"only": ["cautioned", "arrested"]},
            FAMILY | {"id": "y-{id}", "title": "Y: {name}", "except": ["arrested"]},
            table="family",
        )
    )
    known = copy.load()
    assert [each.id for each in known.measures if each.id.startswith("x-")] == ["x-cautioned", "x-arrested"]
    assert sum(each.id.startswith("y-") for each in known.measures) == len(known.stop_outcomes) - 1


def test_a_family_of_measures_fills_in_breakdowns_and_parts(copy):
    view = VIEW | {"for": "measure", "only": ["pcsos"], "id": "{id}-of-{name}", "indicator": "{id}"}
    copy.declare(declared(view | {"breakdown": {"sex": "{id}"}}, table="family"))
    made = copy.load().measures.get("pcsos-of-Police community support officers")
    assert (made.indicator, made.breakdown) == ("pcsos", {"sex": "pcsos"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"for": "colour"}, "for: 'colour' is not one of offence, offence-group"),
        ({"id": "x"}, "id: a family's holds {id}"),
        ({"except": ["arrest"]}, "except: no stop-outcome 'arrest' is known; there are arrested"),
        ({"only": ["arrest"]}, "only: no stop-outcome 'arrest' is known; there are arrested"),
        ({"for": "measure"}, "only: is missing; name the measures"),
        ({"title": "X"}, "title: 'X' stands for both 'x-arrested' and 'x-summonsed'"),
        ({"all": ["result:{id}"]}, "measure 'x-arrested': all: no stop carries the tag 'result:arrested'"),
    ],
    ids=str,
)
def test_a_family_that_is_not_right_is_refused(copy, changes, said):
    copy.declare(declared(FAMILY | changes, table="family"))
    with refused("99-more.toml", said):
        copy.load()


# Files that override


@pytest.fixture
def overriding(tmp_path):
    def write(*measures):
        path = tmp_path / "own.toml"
        path.write_text(declared(*measures))
        return path

    return write


def test_a_file_of_ones_own_adds_measures_and_replaces_those_of_the_same_id_in_their_place(overriding):
    own = reference_with(
        overriding(COUNT, COUNT | {"id": "rape", "title": "Rape, otherwise", "all": ["group:robbery"]})
    )
    ids = [each.id for each in own.measures]
    assert ids == [*(each.id for each in reference().measures), "new"]
    assert own.measures.get("rape").all == {"group:robbery"}
    assert own.measures.resolve("Rape, otherwise").id == "rape"


def test_without_a_file_of_ones_own_the_reference_is_the_projects():
    assert reference_with(None) is reference()


def test_an_indicator_of_ones_own_can_be_posted(overriding):
    posted = without(VIEW, "indicator", "breakdown")
    assert "new" in reference_with(overriding(posted)).indicators


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        ([COUNT | {"all": ["nothing"]}], "own.toml measure 'new': all: no crime carries the tag 'nothing'"),
        ([COUNT, COUNT], "own.toml measure 'new': id: stands in own.toml already"),
        ([COUNT | {"id": "rape"}] * 2, "own.toml measure 'rape': id: stands in own.toml already"),
        ([VIEW | {"id": "population"}], "measure 'population-white': indicator: 'population' is not posted itself"),
    ],
)
def test_a_file_of_ones_own_is_checked_with_all_the_others(overriding, measures, said):
    with refused(said):
        reference_with(overriding(*measures))


def test_a_file_of_ones_own_that_is_absent_is_named(tmp_path):
    with refused("absent.toml: cannot be read"):
        reference_with(tmp_path / "absent.toml")
