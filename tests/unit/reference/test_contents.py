from collections import Counter

import pytest

from shared.reference import UnknownValue, reference


def test_the_areas_are_33_boroughs_the_airports_unknown_and_london():
    areas = reference().areas
    assert Counter(area.kind for area in areas) == {"borough": 33, "airport": 1, "unknown": 1, "region": 1}
    assert areas.resolve("London Heathrow and London City Airports").id == "heathrow-and-city-airports"
    assert areas.resolve("Unknown").id == "unknown"


def test_london_as_a_whole_is_told_from_the_places_that_crimes_are_recorded_in():
    areas = reference().areas
    assert [area.id for area in areas if area.is_region] == ["E12000007"]


def test_the_force_is_not_a_place():
    with pytest.raises(UnknownValue):
        reference().areas.resolve("Metropolitan Police District")


@pytest.mark.parametrize(
    ("published", "offence"),
    [
        ("DOMESTIC BURGLARY", "domestic-burglary"),
        ("BURGLARY - RESIDENTIAL", "domestic-burglary"),
        ("BURGLARY IN A DWELLING", "domestic-burglary"),
        ("BURGLARY BUSINESS AND COMMUNITY", "burglary-business-and-community"),
        ("BURGLARY - BUSINESS AND COMMUNITY", "burglary-business-and-community"),
        ("THEFT FROM PERSON", "theft-from-the-person"),
        ("Theft Person", "theft-from-the-person"),
        ("THEFT FROM A MOTOR VEHICLE", "theft-from-a-vehicle"),
        ("THEFT/TAKING OF MOTOR VEHICLE", "theft-or-unauth-taking-of-a-motor-veh"),
        ("THEFT OR UNAUTH TAKING OF A MOTOR VEH", "theft-or-unauth-taking-of-a-motor-veh"),
        ("WOUNDING/GBH", "violence-with-injury"),
        ("ASSAULT WITH INJURY", "violence-with-injury"),
        ("MURDER", "homicide"),
        ("HARASSMENT", "stalking-and-harassment"),
        ("OFFENSIVE WEAPON", "possession-of-weapons"),
        ("Common assault", "common-assault"),
        ("NFIB", "nfib-fraud"),
    ],
)
def test_an_offence_class_is_found_by_the_spellings_of_the_published_files(published, offence):
    assert reference().offences.resolve(published).id == offence


def test_only_fraud_that_is_recorded_nationally_is_not_notifiable():
    assert [offence.id for offence in reference().offences if not offence.notifiable] == ["nfib-fraud"]


@pytest.mark.parametrize(
    ("given", "expanded"),
    [
        (["islamophobic-hate"], ("faith-hate", "islamophobic-hate", "racist-and-religious-hate")),
        (["antisemitic-hate"], ("antisemitic-hate", "faith-hate", "racist-and-religious-hate")),
        (["knife-injury", "knife-crime"], ("knife-crime", "knife-injury")),
        (["firearm-discharged"], ("firearm-discharged", "gun-crime")),
        (["gun", "knife", "gun"], ("gun-crime", "knife-crime")),
        ([], ()),
    ],
)
def test_flags_bring_those_that_they_imply(given, expanded):
    assert reference().expand_flags(given) == expanded


def test_an_unknown_flag_is_not_expanded():
    with pytest.raises(UnknownValue, match="unknown flag 'knif'; nearest known: Knife crime"):
        reference().expand_flags(["knif"])


def test_there_are_16_categories_of_crime_calls_and_16_of_anti_social_behaviour():
    published = [category for category in reference().call_categories if category.asb_type != "unspecified"]
    assert Counter(category.kind for category in published) == {"crime": 16, "asb": 16, "other": 1}


def test_every_category_of_anti_social_behaviour_and_no_other_has_a_type():
    for category in reference().call_categories:
        assert (category.asb_type is not None) == (category.kind == "asb")


def test_all_boroughs_but_the_city_of_london_have_two_chosen_priorities_and_two_have_an_additional_one():
    areas, priorities = reference().areas, reference().priorities
    without = [area.name for area in areas if area.kind == "borough" and area.id not in priorities]
    assert without == ["City of London"]
    assert sum(len(chosen) for chosen in priorities.values()) == 66
    additional = {areas.get(area).name: p[2].measure for area, p in priorities.items() if len(p) == 3}
    assert additional == {"Greenwich": "theft-person", "Islington": "theft-taking-of-mv"}


def test_an_outcome_is_told_detected_or_not_whatever_its_spelling():
    outcomes = reference().outcomes
    assert outcomes.resolve("Suspect charged").detected
    assert outcomes.resolve("Offender given a caution").detected
    assert not outcomes.resolve("Local resolution").detected
    assert outcomes.resolve("Local resolution").positive
    assert not outcomes.resolve("Investigation complete; no suspect identified").positive


def test_a_crime_type_that_is_one_class_leads_to_it_and_a_coarse_one_to_a_class_of_its_own():
    types, offences = reference().police_uk_crime_types, reference().offences
    assert types.resolve("Bicycle theft").offence == "bicycle-theft"
    assert types.resolve("Other theft").offence == "police-uk-other-theft"
    violence = offences.get(types.resolve("Violence and sexual offences").offence)
    assert violence.group == "violence-and-sexual-offences"


def test_anti_social_behaviour_in_a_street_file_leads_to_a_category_of_calls():
    crime_type = reference().police_uk_crime_types.resolve("Anti-social behaviour")
    assert crime_type.offence is None
    assert reference().call_categories.get(crime_type.call_category).kind == "asb"
