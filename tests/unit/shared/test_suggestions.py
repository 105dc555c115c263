import pytest

from shared.reference import UnknownValue, reference
from shared.reference.spellings import Spellings


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("offences", "thft", "Theft from the person"),
        ("offences", "tehft", "Theft from the person"),
        ("offences", "burglry", "Burglary"),
        ("offences", "murdr of a person", "Homicide"),
        ("areas", "Camdem", "Camden"),
        ("areas", "Hammersmth", "Hammersmith and Fulham"),
        ("areas", "Kensington Palace", "Kensington and Chelsea"),
        ("flags", "religous", "Racist and religious hate"),
        ("call_categories", "neighbors", "Rowdy / Nuisance Neighbours"),
        ("stop_objects", "drgs", "Controlled drugs"),
    ],
)
def test_a_misspelt_name_or_a_misspelt_word_of_one_leads_to_it(kind, text, meant):
    with pytest.raises(UnknownValue) as caught:
        getattr(reference(), kind).resolve(text)
    assert meant in caught.value.nearest
    assert len(caught.value.nearest) <= 3


@pytest.mark.parametrize("text", ["zzzz", "Atlantis", "the", "of the", "", "--", "\x00", "£$%"])
def test_what_is_like_nothing_known_is_suggested_nothing(text):
    assert reference().areas.nearest(text) == ()


def test_a_word_that_few_names_have_says_more_than_one_that_many_have():
    spellings = Spellings(["theft from the person", "theft from a vehicle", "bicycle theft"])
    assert spellings.like("stolen bycicle, a theft of some sort")[0] == "bicycle theft"


def test_whoever_wants_no_suggestions_is_spared_their_cost():
    with pytest.raises(UnknownValue, match=r"^unknown offence 'thft'$"):
        reference().offences.resolve("thft", suggest=False)


def test_a_misspelling_that_is_repeated_is_compared_once():
    areas = reference().areas
    before = areas._alike.cache_info()
    for _ in range(5000):
        areas.nearest("Camdenn Town")
    after = areas._alike.cache_info()
    assert after.misses - before.misses <= 1
    assert after.maxsize <= 4096
