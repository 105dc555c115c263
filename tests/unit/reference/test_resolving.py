import pytest

from shared.reference import UnknownValue, Vocabulary, reference
from shared.reference.terms import StopObject


@pytest.mark.parametrize(
    "text",
    [
        "E09000002",
        "e09000002",
        "Barking and Dagenham",
        "BARKING & DAGENHAM",
        "  barking_and-dagenham\n",
        "barking  AND/dagenham",
    ],
)
def test_a_borough_is_found_by_any_spelling_of_its_code_or_name(text):
    assert reference().areas.resolve(text).id == "E09000002"


def test_a_spelling_resolves_to_the_same_term_each_time():
    areas = reference().areas
    assert areas.resolve(" cAmDeN ") is areas.resolve(" cAmDeN ") is areas.get("E09000007")


def test_an_unknown_area_is_refused_with_the_nearest_known_names():
    with pytest.raises(UnknownValue) as caught:
        reference().areas.resolve("Camdem")
    assert str(caught.value) == "unknown area 'Camdem'; nearest known: Camden"
    assert (caught.value.kind, caught.value.value, caught.value.nearest) == ("area", "Camdem", ("Camden",))


def test_a_text_like_nothing_known_is_refused_without_suggestions():
    with pytest.raises(UnknownValue, match=r"^unknown offence 'zzzz'$"):
        reference().offences.resolve("zzzz")


def test_an_endless_text_is_refused_without_being_compared_or_repeated():
    with pytest.raises(UnknownValue) as caught:
        reference().areas.resolve("Camden" * 100_000)
    assert caught.value.nearest == ()
    assert len(str(caught.value)) < 300


def test_no_more_than_three_names_are_suggested_and_the_likest_comes_first():
    with pytest.raises(UnknownValue) as caught:
        reference().offences.resolve("theft from a vehicl")
    assert caught.value.nearest[0] == "Theft from a vehicle"
    assert len(caught.value.nearest) <= 3


def test_endless_variants_of_a_known_name_do_not_fill_the_memory():
    words = Vocabulary("object", [StopObject(1, "drugs", "Controlled drugs", ())])
    for spaces in range(150):
        for more in range(40):
            assert words.resolve(" " * spaces + "drugs" + "-" * more).id == "drugs"
    assert len(words._by_spelling) <= 4096


def test_get_and_in_take_ids_alone():
    areas = reference().areas
    assert "E09000007" in areas
    assert "Camden" not in areas
    assert areas.get("Camden") is None


def test_a_vocabulary_keeps_the_order_of_its_file():
    names = [area.name for area in reference().areas]
    assert names[:4] == ["London", "City of London", "Barking and Dagenham", "Barnet"]
    assert len(names) == len(reference().areas) == 36


def test_the_reference_data_are_read_once():
    assert reference() is reference()
