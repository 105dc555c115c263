"""Whatever a record says of a person, a group answers to it."""

import pytest

from shared.reference import reference
from shared.reference.people import NOT_KNOWN, age_band, ethnicity, is_under_25, sex

# The broad group of the letter of a code.
OF_CODE = {"W": "white", "B": "black", "A": "asian", "M": "mixed", "O": "other", "N": NOT_KNOWN}
CODES = [
    "W1",
    "W2",
    "W3",
    "W9",
    "M1",
    "M2",
    "M3",
    "M9",
    "A1",
    "A2",
    "A3",
    "A4",
    "A9",
    "B1",
    "B2",
    "B9",
    "O1",
    "O2",
    "O9",
    "NS",
]


@pytest.mark.parametrize("code", CODES)
def test_a_code_of_the_census_classification_is_of_its_letters_group(code):
    assert ethnicity(code) == ethnicity(code.lower()) == OF_CODE[code[0]]


@pytest.mark.parametrize(
    ("published", "group"),
    [
        ("White - English/Welsh/Scottish/Northern Irish/British", "white"),
        ("White - Any other White background", "white"),
        ("White - Gypsy or Irish Traveller", "white"),
        ("Black/African/Caribbean/Black British - Any other Black/African/Caribbean background", "black"),
        ("Black or Black British - African (B2)", "black"),
        ("Asian/Asian British - Chinese", "asian"),
        ("Asian or Asian British - Any other Asian ethnic background (A9)", "asian"),
        ("Mixed/Multiple ethnic groups - Any other Mixed/Multiple ethnic background", "mixed"),
        ("Other ethnic group - Arab", "other"),
        ("Chinese or other ethnic group - Chinese (O1)", "other"),
        ("Other ethnic group - Not stated", NOT_KNOWN),
        ("Martian", NOT_KNOWN),
        ("", NOT_KNOWN),
        (None, NOT_KNOWN),
        ("x" * 1_000, NOT_KNOWN),
    ],
)
def test_an_ethnicity_as_published_is_of_its_broad_group(published, group):
    assert ethnicity(published) == group


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "under-10"),
        (9, "under-10"),
        (10, "10-17"),
        (17, "10-17"),
        (18, "18-24"),
        (24, "18-24"),
        (25, "25-34"),
        (34, "25-34"),
        (35, "over-34"),
        (130, "over-34"),
        ("17", "10-17"),
        ("under 10", "under-10"),
        ("10-17", "10-17"),
        ("18-24", "18-24"),
        ("25-34", "25-34"),
        ("over 34", "over-34"),
        ("middle-aged", NOT_KNOWN),
        ("", NOT_KNOWN),
        (None, NOT_KNOWN),
        (-1, NOT_KNOWN),
    ],
)
def test_an_age_is_in_its_band(age, band):
    assert age_band(age) == band


@pytest.mark.parametrize(
    ("age", "young"),
    [(24, True), (25, False), (0, True), ("18-24", True), ("25-34", False), ("over 34", False), (None, False)],
)
def test_under_25_is_below_25_years_and_never_not_known(age, young):
    assert is_under_25(age) is young


@pytest.mark.parametrize(
    ("recorded", "known"),
    [("Male", "male"), ("M", "male"), ("F", "female"), ("female", "female"), ("Other", "other"), (None, NOT_KNOWN)],
)
def test_a_sex_is_known_by_its_letter_too(recorded, known):
    assert sex(recorded) == known


def test_the_groups_are_those_that_measures_speak_of_and_not_known_is_number_0():
    known = reference()
    assert {each.id for each in known.ethnicities} == {"white", "black", "asian", "mixed", "other", NOT_KNOWN}
    assert [each.id for each in known.age_bands if each.index] == ["under-10", "10-17", "18-24", "25-34", "over-34"]
    for vocabulary in (known.ethnicities, known.age_bands, known.sexes):
        assert vocabulary.get(NOT_KNOWN).index == 0


def test_no_outcome_is_number_0_which_stands_for_none_at_all():
    assert all(outcome.index > 0 for outcome in reference().outcomes)
