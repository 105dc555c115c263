"""An error names the field, the value that was sent, and the known values that are most like it, for programs too."""

import msgspec
import pytest

from services.ingest.acceptance import judge
from shared.events.topics import CALLS, CRIME_COUNTS, CRIMES, INDICATORS, STOPS
from shared.reference import reference
from tests.unit.ingest.conftest import RIGHT, TODAY

VOCABULARIES = [  # topic, where the text stands, the text, what is most like it
    (CRIMES, "area", "Camdem", "Camden"),
    (CRIMES, "offence", "Theft from the persn", "Theft from the person"),
    (CRIMES, "flags[0]", "gunn", "Gun crime"),
    (CRIMES, "outcome.type", "Chargd", "Charged"),
    (CRIMES, "victims[0].age", "18-25", "18-24"),
    (CALLS, "category", "Robery", "Robbery"),
    (CALLS, "area", "Haringay", "Haringey"),
    (STOPS, "area", "Haringay", "Haringey"),
    (STOPS, "power", "pace sect 1", "Police and Criminal Evidence Act 1984 (section 1)"),
    (STOPS, "object", "Controled drugs", "Controlled drugs"),
    (STOPS, "outcome", "arested", "Arrested"),
    (STOPS, "age", "over34", "over 34"),
    (INDICATORS, "indicator", "goood job", "Police do a good job in the local area"),
    (INDICATORS, "area", "Londn", "London"),
    (CRIME_COUNTS, "area", "Camdem", "Camden"),
    (CRIME_COUNTS, "offence", "Homicid", "Homicide"),
    (CRIME_COUNTS, "flags[0]", "knive", "Knife crime"),
]
PLACES = {
    "flags[0]": lambda text: {"flags": [text]},
    "outcome.type": lambda text: {"outcome": {"type": text, "on": "2017-06"}},
    "victims[0].age": lambda text: {"victims": [{"age": text}]},
}
CHOICES = [
    (CRIMES, {"status": "record"}, "status", ["recorded"]),
    (CALLS, {"kind": "Crime"}, "kind", ["crime"]),
    (CALLS, {"kind": "hoax"}, "kind", ["crime", "asb", "other"]),
    (CALLS, {"kind": "asb"}, "kind", ["crime"]),
    (CALLS, {"grade": "i"}, "grade", ["I"]),
    (CALLS, {"line": 998}, "line", ["999"]),
    (INDICATORS, {"status": "provisionl"}, "status", ["provisional"]),
]
VALUES = [
    (CRIMES, {"recorded_on": "2017-02-30"}, "recorded_on", "2017-02-30"),
    (CRIMES, {"recorded_on": "1066-10-14"}, "recorded_on", "1066-10-14"),
    (CRIMES, {"revision": 0}, "revision", 0),
    (CRIMES, {"revision": 2**63}, "revision", str(2**63)),
    (CRIMES, {"victims": [{}, {"age": 131}]}, "victims[1].age", 131),
    (CRIMES, {"flags": ["knife", 7]}, "flags[1]", 7),
    (CRIMES, {"colour": True}, "colour", True),
    (CALLS, {"abandoned": None}, "abandoned", None),
    (CALLS, {"received_at": "2018-06-01T12:00:00Z"}, "received_at", "2018-06-01T12:00:00+00:00"),
    (CRIME_COUNTS, {"month": "2017-06-01"}, "month", "2017-06-01"),
    (CRIME_COUNTS, {"count": 1.5}, "count", 1.5),
]


def standing(field, text):
    """The changes to a right record that put the text there."""
    return PLACES[field](text) if field in PLACES else {field: text}


@pytest.mark.parametrize(("topic", "field", "text", "nearest"), VOCABULARIES)
def test_an_unknown_term_comes_with_its_value_and_the_nearest_known_ones(errors, accept, topic, field, text, nearest):
    (error,) = errors(topic, **standing(field, text))
    assert (error["field"], error["value"], error["nearest"][0]) == (field, text, nearest)
    assert len(error["nearest"]) <= 3
    assert all(each in error["message"] for each in error["nearest"])
    assert accept(topic, **standing(field, nearest))


@pytest.mark.parametrize(("topic", "changes", "field", "nearest"), CHOICES)
def test_a_closed_choice_comes_with_its_value_and_the_nearest_choices(errors, topic, changes, field, nearest):
    (error,) = errors(topic, **changes)
    assert (error["field"], error["value"], error["nearest"]) == (field, changes[field], nearest)


@pytest.mark.parametrize(("topic", "changes", "field", "value"), VALUES)
def test_every_other_error_comes_with_the_value_that_was_sent(errors, topic, changes, field, value):
    (error,) = errors(topic, **changes)
    assert (error["field"], error["value"]) == (field, value)
    assert type(error["value"]) is type(value)


@pytest.mark.parametrize("value", [[], {}, {"a": 1}], ids=str)
def test_what_is_not_one_value_is_not_repeated(errors, value):
    (error,) = errors(CRIMES, area=value)
    assert error.keys() == {"field", "message"}


def test_a_field_that_is_missing_has_no_value(errors):
    assert errors(CRIMES, area=...) == [{"field": "area", "message": "required"}]


@pytest.mark.parametrize(
    "changes",
    [{"recorded_on": "9" * 10**5}, {"area": "x" * 201}, {"status": "y" * 10**5}, {"z" * 10**5: 1}],
    ids=["date", "term", "choice", "field"],
)
def test_an_endless_text_is_told_in_short(errors, changes):
    (error,) = errors(CRIMES, **changes)
    assert len(msgspec.json.encode(error)) < 1000


def test_of_an_event_without_end_the_field_is_told_and_its_value_is_not_looked_for(errors):
    many = {f"f{number}": 1 for number in range(10_000)}
    (error,) = errors(CRIMES, **many)
    assert error["field"] == "f0"
    assert error.keys() == {"field", "message"}


@pytest.mark.parametrize("number", ["9" * 4301, "1" + "0" * 400, "-" + "9" * 30])
def test_an_endless_number_is_refused_as_any_other(number):
    text = msgspec.json.encode(RIGHT[CRIMES]).replace(b'"recorded"', number.encode())
    (rejected,) = judge([(CRIMES, text)], reference(), TODAY).rejected
    assert len(msgspec.json.encode(rejected.errors)) < 1000
