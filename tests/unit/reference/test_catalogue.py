"""What the declared measures count, and that none is declared of what there is not."""

from itertools import product

import pytest

from shared.reference import reference
from shared.reference.tags import possible_tags

PUBLISHED = [
    "total-notifiable-offences",
    "violence-against-the-person",
    "total-robbery",
    "total-burglary",
    "theft-person",
    "theft-taking-of-mv",
    "theft-from-mv",
    "knife-crime",
    "gun-crime",
    "domestic-abuse",
    "total-sexual-offences",
    "racist-and-religious-hate-crime",
    "sexual-orientation-hate-crime",
    "transgender-hate-crime",
    "disability-hate-crime",
]
HATE = {
    "racist-and-religious-hate": "racist-and-religious-hate-crime",
    "sexual-orientation-hate": "sexual-orientation-hate-crime",
    "transgender-hate": "transgender-hate-crime",
    "disability-hate": "disability-hate-crime",
}
POSTED = [
    "user-satisfaction",
    "good-job",
    "informed-local",
    "listen-to-concerns",
    "fair-treatment",
    "dealing-issues",
    "relied-upon",
    "contact-ward-officer",
    "worried-about-crime",
    "treated-with-respect",
    "tackling-gun-crime",
    "tackling-drugs",
    "gangs-a-problem",
    "worried-about-asb",
    "safe-after-dark",
    "visible-patrols",
    "satisfied-with-life",
    "friendly-and-approachable",
    "understand-issues",
    "stop-and-search-fairly",
    "police-officers",
    "police-staff",
    "pcsos",
    "special-constables",
    "dedicated-ward-officers",
    "dedicated-ward-officers-target",
    "complaint-cases",
    "complaint-allegations",
    "victims-updated",
    "victims-informed-of-arrest",
    "victims-informed-of-release",
    "victims-code-offences",
    "missing-children",
    "fraud-and-cyber-crime",
    "counter-terrorism-arrests",
    "revenue-budget-to-date",
    "revenue-actual-to-date",
    "revenue-full-year-budget",
    "revenue-full-year-forecast",
    "capital-full-year-budget",
    "capital-actual-to-date",
    "capital-full-year-forecast",
    "reserves-opening",
    "reserves-movement",
    "reserves-closing",
    "reserves-general",
    "reserves-earmarked",
    "savings-planned",
    "savings-forecast",
    "crime-prevention-fund",
    "crime-change-england-and-wales",
    "crime-change-most-similar-forces",
    "population",
]


def measure(measure_id):
    found = reference().measures.get(measure_id)
    assert found, f"no measure {measure_id}"
    return found


def counting(kind, *tags):
    """The measures that count a record with these tags."""
    carried = frozenset(tags) | {"record"}
    asked = [each for each in reference().measures if each.kind == "count" and each.of == kind]
    return {each.id for each in asked if each.counts(carried)}


def test_the_published_rows_come_first_and_in_their_order():
    assert [each.id for each in reference().measures][:15] == PUBLISHED


def test_exactly_the_indicators_that_are_no_views_can_be_posted():
    assert {each.id for each in reference().indicators} == set(POSTED)


def test_every_tag_that_a_measure_asks_for_can_be_carried():
    possible = possible_tags(reference())
    for each in reference().measures:
        assert each.of is None or each.tags <= possible[each.of], each.id


@pytest.mark.parametrize(("young", "shot", "stabbed", "abuse"), list(product([False, True], repeat=4)))
def test_gang_violence_is_a_young_victim_shot_at_or_stabbed_and_no_domestic_abuse(young, shot, stabbed, abuse):
    flags = {"flag:firearm-discharged": shot, "flag:knife-injury": stabbed, "flag:domestic-abuse": abuse}
    carried = frozenset(tag for tag, given in {"victim-under-25": young, **flags}.items() if given)
    assert measure("gang-violence-proxy").counts(carried) is (young and (shot or stabbed) and not abuse)


def test_a_knife_that_did_not_injure_and_a_gun_that_was_not_fired_are_no_gang_violence():
    assert "gang-violence-proxy" not in counting("crime", "victim-under-25", "flag:knife-crime", "flag:gun-crime")


def test_two_hate_flags_count_once_in_each_strand_and_once_in_the_total():
    two = ("racist-and-religious-hate", "disability-hate")
    counted = counting("crime", *(f"flag:{flag}" for flag in two))
    assert counted & {*HATE.values(), "hate-crime"} == {HATE[flag] for flag in two} | {"hate-crime"}
    assert measure("hate-crime").weight == "records"


@pytest.mark.parametrize("flag", ["islamophobic-hate", "antisemitic-hate", *HATE])
def test_every_strand_is_hate_crime_and_high_harm(flag):
    carried = [f"flag:{each}" for each in reference().expand_flags([flag])]
    assert counting("crime", *carried) >= {"hate-crime", "high-harm-crime"}


def test_a_faith_is_hate_of_its_own_strand_of_faith_and_of_racist_and_religious():
    carried = [f"flag:{each}" for each in reference().expand_flags(["islamophobic-hate"])]
    strands = {"faith-hate-crime", "islamophobic-hate-crime", "antisemitic-hate-crime", *HATE.values()}
    expected = {"islamophobic-hate-crime", "faith-hate-crime", "racist-and-religious-hate-crime"}
    assert counting("crime", *carried) & strands == expected


@pytest.mark.parametrize(
    "tags", [["flag:domestic-abuse", "flag:knife-crime"], ["group:sexual-offences"], ["flag:gun-crime"]], ids=str
)
def test_high_harm_crime_is_any_of_its_categories(tags):
    assert "high-harm-crime" in counting("crime", *tags)


def test_a_burglary_without_flags_is_no_high_harm_crime():
    assert "high-harm-crime" not in counting("crime", "group:burglary", "offence:domestic-burglary", "notifiable")


@pytest.mark.parametrize("kind", ["crime", "asb"])
def test_there_is_a_measure_for_each_of_sixteen_categories_of_calls_and_one_for_all(kind):
    published = [each for each in reference().call_categories if each.kind == kind and each.asb_type != "unspecified"]
    assert len(published) == 16
    for each in published:
        counted = counting("call", f"category:{each.id}", f"kind:{kind}")
        assert counted >= {f"{kind}-calls-{each.id}", f"{kind}-calls", "calls"}


def test_the_seven_neighbourhood_crimes_and_no_other_classes_make_their_total():
    parts = {"violence-with-injury", "total-robbery", "total-burglary", "theft-taking-of-mv", "theft-from-mv"}
    parts |= {"theft-person", "vandalism"}
    for offence in reference().offences:
        counted = counting("crime", f"offence:{offence.id}", f"group:{offence.group}")
        assert ("neighbourhood-crime" in counted) is bool(parts & counted), offence.id


def test_every_class_group_and_flag_is_counted_and_its_detections_are_by_the_outcomes_day():
    known = reference()
    for term, ids in (("offence", known.offences), ("group", known.offence_groups), ("flag", known.flags)):
        for each in ids:
            assert measure(f"{term}-{each.id}").dated == "recorded"
            detections = measure(f"{term}-{each.id}-detections")
            assert (detections.dated, detections.all) == ("outcome", {"detected", f"{term}:{each.id}"})


def test_a_detection_rate_is_of_the_same_crimes_above_and_below():
    for each in reference().measures:
        if each.kind == "rate" and "detection-rate" in each.id:
            above, below = measure(each.numerator), measure(each.denominator)
            assert (above.all - {"detected"}, above.any, above.none) == (below.all, below.any, below.none), each.id


def test_victims_of_knives_are_counted_not_offences():
    young = measure("knife-injury-victims-under-25")
    assert (young.weight, young.unit) == ("victims-under-25", "victims")


@pytest.mark.parametrize(
    ("rate", "target"),
    [
        ("calls-999-answered-within-target-rate", "answered-within:10"),
        ("calls-101-answered-within-target-rate", "answered-within:30"),
        ("calls-grade-i-attended-within-target-rate", "attended-within:900"),
        ("calls-grade-s-attended-within-target-rate", "attended-within:3600"),
    ],
)
def test_a_rate_within_target_counts_some_of_the_calls_that_it_divides_by(rate, target):
    above, below = measure(measure(rate).numerator), measure(measure(rate).denominator)
    assert target in above.all
    assert above.none == below.none
    assert {tag for tag in below.all if not tag.startswith("filled:")} < above.all


def test_stops_for_weapons_are_not_those_for_drugs():
    assert "stops-weapons-points-and-blades" in counting("stop", "stop", "object:offensive-weapons")
    assert "stops-weapons-points-and-blades" not in counting("stop", "stop", "object:drugs")


@pytest.mark.parametrize("group", ["black", "asian", "mixed", "other"])
def test_disproportionality_is_a_ratio_of_stops_by_the_populations_of_the_groups(group):
    ratio = measure(f"stop-disproportionality-{group}")
    above, below = measure(ratio.numerator), measure(ratio.denominator)
    assert (ratio.unit, ratio.per, below.id) == ("ratio", 1, "stops-ethnicity-white-per-1000")
    assert measure(above.numerator).all == {f"ethnicity:{group}"}
    population = measure(above.denominator)
    assert (population.indicator, population.breakdown) == ("population", {"ethnicity": group})


@pytest.mark.parametrize("by", ["age", "ethnicity"])
def test_handcuffing_is_told_by_age_and_by_ethnicity_of_those_for_which_it_is_known(by):
    terms = reference().age_bands if by == "age" else reference().ethnicities
    for each in terms:
        rate = measure(f"stops-handcuffed-rate-{by}-{each.id}")
        assert measure(rate.numerator).all == {"handcuffed", f"{by}:{each.id}"}
        assert measure(rate.denominator).all == {"filled:handcuffed", f"{by}:{each.id}"}


def test_a_variance_is_what_was_spent_less_the_budget():
    assert measure("revenue-variance-to-date").parts == {
        "minuend": "revenue-actual-to-date",
        "subtrahend": "revenue-budget-to-date",
    }


def test_a_view_shows_another_indicator_at_one_breakdown():
    women = measure("police-officers-female")
    assert (women.indicator, women.breakdown, women.is_posted) == ("police-officers", {"sex": "Female"}, False)


def test_completeness_is_a_share_of_what_could_be_filled():
    rates = [each for each in reference().measures if each.id.startswith("completeness-")]
    assert len(rates) > 10
    for each in rates:
        above, below = measure(each.numerator), measure(each.denominator)
        assert above.of == below.of
        assert (each.unit, each.good) == ("percent", "up")


def test_every_measure_says_what_it_is_in_words_of_its_own():
    for each in reference().measures:
        assert each.definition.endswith("."), each.id
        assert not any("{" in text for text in (each.title, each.definition, each.id)), each.id
