from datetime import UTC, datetime

import msgspec
import pytest

from services.ingest.acceptance import judge
from shared.events import RECORD_TYPES, topics
from shared.events.topics import CALLS, CRIME_COUNTS, CRIMES, INDICATORS, STOPS
from shared.reference import reference
from tests.unit.ingest.conftest import RIGHT, TODAY

REQUIRED = [(topic, field) for topic in RIGHT for field in RIGHT[topic]]
FIELDS = [(topic, field) for topic, kind in RECORD_TYPES.items() for field in kind.__struct_fields__]


@pytest.mark.parametrize("topic", RIGHT)
def test_a_right_record_is_accepted_with_its_defaults(accept, topic):
    record = accept(topic)
    assert (record.revision, record.dataset) == (1, "live")


@pytest.mark.parametrize(("topic", "field"), REQUIRED)
def test_a_field_that_must_be_there_is_missed_by_name(refuse, topic, field):
    assert refuse(topic, **{field: ...}) == {field: "required"}


@pytest.mark.parametrize(("topic", "field"), FIELDS)
@pytest.mark.parametrize("value", [[[]], {"a": {}}], ids=["list", "object"])
def test_a_field_of_the_wrong_type_is_named(refuse, topic, field, value):
    ((named, message),) = refuse(topic, **{field: value}).items()
    assert named.startswith(field)
    assert "expected" in message or "required" in message or "unknown field" in message


@pytest.mark.parametrize("topic", RIGHT)
def test_an_unknown_field_is_refused_with_the_known_ones(refuse, topic):
    ((field, message),) = refuse(topic, colour="red").items()
    assert field == "colour"
    assert message == f"unknown field; known: {', '.join(RECORD_TYPES[topic].__struct_fields__)}"


@pytest.mark.parametrize(
    ("topic", "changes", "field", "message"),
    [
        (CRIMES, {"crime_id": ""}, "crime_id", "expected `str` of length >= 1"),
        (CRIMES, {"crime_id": "x" * 201}, "crime_id", "expected `str` of length <= 200"),
        (CRIMES, {"crime_id": "a\x00b"}, "crime_id", "must not contain control characters"),
        (CRIMES, {"crime_id": "a\n"}, "crime_id", "must not contain control characters"),
        (CRIMES, {"revision": 0}, "revision", "expected `int` >= 1"),
        (CRIMES, {"revision": 2**63}, "revision", "expected `int` <= 9223372036854775807"),
        (CRIMES, {"status": "open"}, "status", "invalid enum value 'open'; must be one of recorded, cancelled"),
        (CRIMES, {"dataset": "Live"}, "dataset", "must be lower-case letters, digits and hyphens, at most 40"),
        (CRIMES, {"dataset": "a/b"}, "dataset", "must be lower-case letters"),
        (CRIMES, {"dataset": "live\n"}, "dataset", "must be lower-case letters"),
        (CRIMES, {"flags": "knife"}, "flags", "expected `array`, got `str`"),
        (CRIMES, {"flags": ["knife", 7]}, "flags[1]", "expected `str`, got `int`"),
        (CRIMES, {"victims": [{}, {"age": 131}]}, "victims[1].age", "expected `int` <= 130"),
        (CRIMES, {"victims": [{"age": -1}]}, "victims[0].age", "expected `int` >= 0"),
        (CRIMES, {"victims": [{"age": "young"}]}, "victims[0].age", "'young' is not an age; send years, or one of"),
        (CRIMES, {"victims": [{"name": "x"}]}, "victims[0].name", "unknown field"),
        (CRIMES, {"outcome": {"type": "Charged"}}, "outcome.on", "required"),
        (CRIMES, {"outcome": {"type": "Suspect chargd", "on": "2017-06"}}, "outcome.type", "nearest known: Charged"),
        (CRIMES, {"outcome": {"type": "Suspect charged", "on": "soon"}}, "outcome.on", "'soon' is not a date"),
        (CALLS, {"line": 112}, "line", "invalid enum value 112; must be one of 999, 101"),
        (CALLS, {"line": "112"}, "line", "invalid enum value '112'; must be one of 999, 101"),
        (CALLS, {"grade": "X"}, "grade", "must be one of I, S, E, R"),
        (CALLS, {"kind": "hoax"}, "kind", "must be one of crime, asb, other"),
        (CALLS, {"kind": "asb"}, "kind", "category 'robbery' is of kind 'crime', not 'asb'"),
        (CALLS, {"category": "Noise"}, "kind", "category 'noise' is of kind 'asb', not 'crime'"),
        (CALLS, {"answer_seconds": -1}, "answer_seconds", "expected `float` >= 0"),
        (CALLS, {"received_at": "2017-06-01T12:00:00"}, "received_at", "with a timezone component"),
        (CALLS, {"received_at": "yesterday"}, "received_at", "invalid RFC3339 encoded datetime"),
        (STOPS, {"age": "18 to 24"}, "age", "'18 to 24' is not an age"),
        (STOPS, {"section_60": "no"}, "section_60", "expected `bool`, got `str`"),
        (INDICATORS, {"period": "last year"}, "period", "'last year' is not a period; write YYYY-MM-DD"),
        (INDICATORS, {"breakdown": {"": "x"}}, "breakdown", "expected `str` of length >= 1"),
        (INDICATORS, {"status": "draft"}, "status", "must be one of provisional, final"),
        (CRIME_COUNTS, {"count": -1}, "count", "expected `int` >= 0"),
        (CRIME_COUNTS, {"count": 1.5}, "count", "expected `int`, got `float`"),
        (CRIME_COUNTS, {"month": "2017-06-01"}, "month", "'2017-06-01' is not a month; write YYYY-MM"),
        (CRIME_COUNTS, {"month": "2017-13"}, "month", "'2017-13' is not a date"),
    ],
)
def test_a_value_that_is_wrong_is_named_with_what_would_be_right(refuse, topic, changes, field, message):
    errors = refuse(topic, **changes)
    assert list(errors) == [field]
    assert message in errors[field]


@pytest.mark.parametrize(
    ("topic", "field", "text", "message"),
    [
        (CRIMES, "area", "Camdem", "unknown area 'Camdem'; nearest known: Camden"),
        (CRIMES, "offence", "thft", "unknown offence 'thft'; nearest known: Theft from the person"),
        (CALLS, "category", "Robery", "unknown call category 'Robery'; nearest known: Robbery"),
        (STOPS, "power", "pace section 2", "nearest known: "),
        (STOPS, "object", "Controled drugs", "nearest known: Controlled drugs"),
        (STOPS, "outcome", "arested", "nearest known: Arrest"),
        (INDICATORS, "indicator", "goood job", "nearest known: "),
        (CRIME_COUNTS, "area", "Atlantis", "unknown area 'Atlantis'"),
    ],
)
def test_an_unknown_term_is_refused_with_the_nearest_known_ones(refuse, topic, field, text, message):
    assert message in refuse(topic, **{field: text})[field]


def test_an_unknown_flag_is_named_by_its_place(refuse):
    assert "nearest known: Gun crime" in refuse(CRIMES, flags=["knife", "gunn"])["flags[1]"]


def test_everything_that_is_wrong_with_the_terms_is_told_at_once(refuse):
    errors = refuse(CRIMES, area="X", offence="Y", flags=["Z"], recorded_on="W", victims=[{"age": "V"}])
    assert errors.keys() == {"area", "offence", "flags[0]", "recorded_on", "victims[0].age"}


@pytest.mark.parametrize("topic", [CRIMES, CALLS, STOPS, CRIME_COUNTS])
@pytest.mark.parametrize("london", ["London", "E12000007"])
def test_nothing_is_recorded_against_london_as_a_whole(refuse, topic, london):
    assert "London as a whole is counted, not recorded" in refuse(topic, area=london)["area"]


def test_a_figure_may_be_about_london_as_a_whole(accept):
    assert accept(INDICATORS, area="london").area == "E12000007"


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        (CRIMES, "recorded_on", "2017-07-12"),
        (CRIMES, "recorded_on", "1989-12-31"),
        (CRIMES, "recorded_on", "2017-08"),
        (CALLS, "received_at", "2017-07-11T23:00:00Z"),  # midnight of the 12th in London
        (CALLS, "received_at", "0001-01-01T00:00:00Z"),
        (CALLS, "received_at", "9999-12-31T23:59:59-14:00"),
        (STOPS, "stopped_at", "1066-10-14T09:00:00Z"),
        (INDICATORS, "period", "2018-19"),
        (CRIME_COUNTS, "month", "1989-12"),
    ],
)
def test_nothing_lies_later_than_tomorrow_or_before_1990(refuse, topic, field, value):
    assert "lies outside 1990-01-01 to 2017-07-11" in refuse(topic, **{field: value})[field]


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        (CRIMES, "recorded_on", "2017-07-11"),
        (CRIMES, "recorded_on", "1990-01-01"),
        (CALLS, "received_at", "2017-07-11T22:59:59Z"),
        (INDICATORS, "period", "2017-18"),
    ],
)
def test_tomorrow_is_taken_because_clocks_differ(accept, topic, field, value):
    assert accept(topic, **{field: value})


@pytest.mark.parametrize("recorded_on", ["2017-02-29", "2017-13-01", "01/06/2017", "2017-6-1", "", "20170601"])
def test_a_day_that_is_none_is_refused(refuse, recorded_on):
    assert "is not a date" in refuse(CRIMES, recorded_on=recorded_on)["recorded_on"]


@pytest.mark.parametrize(
    ("topic", "changes", "resolved"),
    [
        (CRIMES, {"area": "CAMDEN", "offence": "burglary - residential"}, {"area": "E09000007"}),
        (CRIMES, {"offence": "BURGLARY IN A DWELLING"}, {"offence": "domestic-burglary"}),
        (CRIMES, {"flags": ["knife", "Knife crime", "knife"]}, {"flags": ("knife-crime",)}),
        (CRIMES, {"flags": ["knife with injury"]}, {"flags": ("knife-crime", "knife-injury")}),
        (CRIMES, {"recorded_on": "2017-06"}, {"recorded_on": "2017-06"}),
        (CALLS, {"line": "101"}, {"line": 101}),
        (CALLS, {"line": 999}, {"line": 999}),
        (CALLS, {"kind": "asb", "category": "NOISE"}, {"category": "noise"}),
        (CALLS, {}, {"received_at": datetime(2017, 6, 1, 11, tzinfo=UTC)}),
        (STOPS, {"age": "18-24", "linked": None}, {"age": "18-24", "linked": None}),
        (CRIME_COUNTS, {"count": 0}, {"count": 0}),
    ],
)
def test_names_become_ids_and_spellings_become_one(accept, topic, changes, resolved):
    record = accept(topic, **changes)
    assert {name: getattr(record, name) for name in resolved} == resolved


def test_the_verdict_keeps_the_bodys_order_and_places():
    good, bad = msgspec.json.encode(RIGHT[CRIMES]), b'{"crime_id": 7}'
    verdict = judge([(CRIMES, text) for text in (bad, good, b"nonsense", good, b"7", b"\xff")], reference(), TODAY)
    assert len(verdict.accepted) == 2
    assert [rejected.index for rejected in verdict.rejected] == [0, 2, 4, 5]
    assert [rejected.errors[0].field for rejected in verdict.rejected] == ["crime_id", "", "", ""]


def test_one_wrong_record_leaves_nothing_behind_for_the_next(decide):
    texts = [msgspec.json.encode(RIGHT[CRIMES] | change) for change in ({"flags": ["x"]}, {"flags": ["gun"]})]
    verdict = judge([(CRIMES, text) for text in texts], reference(), TODAY)
    assert [record.flags for record in verdict.accepted] == [("gun-crime",)]


@pytest.mark.parametrize(
    ("misspelt", "suggested"),
    [(lambda _number: "Camdenn", 5000), (lambda number: f"Camdenn {number}", 100)],
    ids=["repeated", "all different"],
)
def test_a_batch_of_misspellings_is_compared_only_so_often_lest_it_holds_the_service_up(misspelt, suggested):
    bad = [msgspec.json.encode(RIGHT[CRIMES] | {"area": misspelt(number)}) for number in range(5000)]
    verdict = judge([(CRIMES, text) for text in bad], reference(), TODAY)
    messages = [rejected.errors[0].message for rejected in verdict.rejected]
    assert all(message.startswith("unknown area 'Camdenn") for message in messages)
    assert sum("nearest known: Camden" in message for message in messages) == suggested


def test_every_record_type_has_a_right_example():
    assert RIGHT.keys() == set(topics.RECORD_TOPICS)
