import csv
import io
from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest

from local.errors import LocalError
from local.importers.elements import Refusal
from local.importers.ledger import opened
from local.importers.police_uk import Reading, survey
from local.importers.sources import open_rows
from local.posting.items import Item
from shared.events import Call, Crime, Outcome, Stop
from shared.reference import people

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
STOPS = (
    "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,"
    "Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,"
    "Outcome linked to object of search,Removal of more than just outer clothing\n"
)
STOP = (
    "Person search,2016-06-01T12:30:00+00:00,False,,,,Male,18-24,Not Stated (NS),Black,"
    "Misuse of Drugs Act 1971 (section 23),Controlled drugs,{outcome},{linked},\n"
)
TYPES = {"crimes": Crime, "calls": Call, "stops": Stop}


def street_row(crime_id="", lsoa="Camden 027C", crime_type="Robbery", outcome="Under investigation", month="2023-04"):
    return f"{crime_id},{month},Force,Force,-0.1,51.5,On or near Holborn,E01000917,{lsoa},{crime_type},{outcome},\n"


def rows_of(text):
    return ((number, row) for number, row in enumerate(csv.reader(io.StringIO(text)), 1))


@pytest.fixture
def reading(reference, tmp_path):
    with opened(tmp_path / "ledger.sqlite3", "live", "job", rehearsal=True) as ledger:
        yield Reading(reference, 5, "live", ledger)


@pytest.fixture
def read(reading):
    """A file's records, and what was refused of it."""

    def records(text):
        elements = list(reading.elements(rows_of(text), "file.csv"))
        found = [msgspec.json.decode(each.record, type=TYPES[each.kind]) for each in elements if isinstance(each, Item)]
        return found, [each for each in elements if isinstance(each, Refusal)]

    return records


def test_a_row_becomes_a_crime_of_its_borough_month_type_and_outcome(read):
    (crime,), _ = read(STREET + street_row("abc", outcome="Offender given a caution"))
    assert crime == Crime(
        crime_id="abc@2023-04/force",
        revision=5,
        status="recorded",
        recorded_on="2023-04",
        area="E09000007",
        offence="police-uk-robbery",
        outcome=Outcome(type="Offender given a caution", on="2023-04"),
    )


def test_rows_that_share_a_crime_id_are_crimes_of_their_own(read):
    crimes, _ = read(STREET + street_row("abc") + street_row("def") + street_row("abc") + street_row("abc"))
    assert [crime.crime_id for crime in crimes] == [
        f"{each}@2023-04/force{place}" for each, place in (("abc", ""), ("def", ""), ("abc", "#2"), ("abc", "#3"))
    ]


def test_a_crime_id_in_the_files_of_two_months_or_forces_stands_for_different_rows(read):
    of_city = street_row("abc").replace("Force,Force", "City of London Police,City of London Police")
    ids = {
        read(STREET + row)[0][0].crime_id for row in (street_row("abc"), street_row("abc", month="2023-05"), of_city)
    }
    assert ids == {"abc@2023-04/force", "abc@2023-05/force", "abc@2023-04/city-of-london-police"}


def test_anti_social_behaviour_is_a_call_of_an_unpublished_category(read):
    (first, second), _ = read(STREET + street_row(crime_type="Anti-social behaviour", outcome="") * 2)
    assert (first.kind, first.category, first.line) == ("asb", "anti-social-behaviour", 101)
    assert first.received_at == datetime(2023, 4, 1, tzinfo=UTC)
    assert second.call_id == f"{first.call_id}#2"


def test_a_crime_without_an_id_keeps_its_identity_when_its_outcome_changes(read):
    (before,), _ = read(STREET + street_row(outcome="Under investigation"))
    (after,), _ = read(STREET + street_row(outcome="Local resolution"))
    (other,), _ = read(STREET + street_row(lsoa="Camden 028A"))
    assert before.crime_id == after.crime_id != other.crime_id


@pytest.mark.parametrize("lsoa", ["", "Epping Forest 012A"])
def test_a_place_outside_the_boroughs_is_unknown(lsoa, read, reference):
    text = STREET + street_row("abc", lsoa=lsoa)
    (crime,), _ = read(text)
    assert crime.area == "unknown"
    assert survey(rows_of(text), reference).outside == ({"Epping Forest": 1} if lsoa else {})


def test_a_row_that_cannot_be_read_is_told_and_the_rest_is_kept(read):
    bad = street_row("b", crime_type="Piracy") + street_row("c", month="April") + "too,short\n"
    records, refused = read(STREET + street_row("a") + bad + street_row("d"))
    assert [crime.crime_id[0] for crime in records] == ["a", "d"]
    assert [(each.place, each.errors[0].field) for each in refused] == [
        ("file.csv line 3", "crime type"),
        ("file.csv line 4", "Month"),
        ("file.csv line 5", "row"),
    ]


def test_a_row_becomes_a_stop_in_the_publishers_words(read):
    (stop,), _ = read(STOPS + STOP.format(outcome="Suspect arrested", linked="TRUE"))
    assert stop.stopped_at == datetime(2016, 6, 1, 12, 30, tzinfo=UTC)
    assert (stop.area, stop.age, stop.sex) == ("unknown", "18-24", "Male")
    assert (stop.power, stop.object) == ("Misuse of Drugs Act 1971 (section 23)", "Controlled drugs")
    assert (stop.outcome, stop.linked, stop.section_60) == ("Suspect arrested", True, False)
    assert (stop.ethnicity_self, stop.ethnicity_officer) == ("Not Stated (NS)", "Black")


@pytest.mark.parametrize(("outcome", "read_as"), [("False", "no-further-action"), ("", "not-recorded")])
def test_an_outcome_of_false_is_nothing_found_and_none_is_not_recorded(outcome, read_as, read):
    (stop,), _ = read(STOPS + STOP.format(outcome=outcome, linked=""))
    assert (stop.outcome, stop.linked) == (read_as, None)


def test_like_stops_are_numbered_and_an_outcome_that_changes_changes_no_identity(read):
    rows = [STOP.format(outcome=outcome, linked="") for outcome in ("Suspect arrested", "Local resolution")]
    before, _ = read(STOPS + rows[0] + rows[0])
    after, _ = read(STOPS + rows[1] + rows[0])
    assert before[1].stop_id == f"{before[0].stop_id}#2"
    assert [stop.stop_id for stop in before] == [stop.stop_id for stop in after]


def test_a_survey_tells_shape_rows_and_months_in_london(reference):
    text = STOPS + STOP.replace("2016-06-01T12", "2016-05-31T23").format(outcome="", linked="")
    found = survey(rows_of(text), reference)
    assert (found.shape, found.rows, found.months) == ("stop-and-search", 1, {"2016-06"})


def test_another_file_is_refused_with_the_columns_that_are_expected(reference):
    with pytest.raises(LocalError, match=r"Crime ID.*Outcome type.*Legislation"):
        survey(rows_of("a,b\n1,2\n"), reference)


@pytest.mark.parametrize("month", ["2023-04", "2023-05"])
def test_every_row_of_a_street_file_is_one_record_of_its_own(month, published_data, reading):
    path = published_data / "police-uk" / f"{month}-city-of-london-street.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with open_rows(str(path)) as numbered:
        items = [(kind, msgspec.json.decode(line)) for kind, line, _ in reading.elements(numbered, path.name)]
    expected = Counter(row["Crime type"] for row in rows)
    assert Counter(kind for kind, _ in items) == {
        "calls": expected["Anti-social behaviour"],
        "crimes": len(rows) - expected["Anti-social behaviour"],
    }
    assert len({record.get("crime_id") or record["call_id"] for _, record in items}) == len(rows)
    assert sum(record.get("offence") == "police-uk-other-theft" for _, record in items) == expected["Other theft"]


def test_every_row_of_a_stop_and_search_file_is_a_stop_of_its_own(published_data, reference, reading):
    path = str(published_data / "police-uk" / "2016-06-metropolitan-stop-and-search.csv")
    with open_rows(path) as numbered:
        stops = [msgspec.json.decode(line, type=Stop) for _, line, _ in reading.elements(numbered, path)]
    assert len({stop.stop_id for stop in stops}) == 10_490
    for stop in stops:
        reference.stop_powers.resolve(stop.power)
        reference.stop_objects.resolve(stop.object)
        reference.stop_outcomes.resolve(stop.outcome)


def test_every_word_for_a_person_in_a_stop_and_search_file_is_understood(published_data, reading):
    path = str(published_data / "police-uk" / "2016-06-metropolitan-stop-and-search.csv")
    with open_rows(path) as numbered:
        stops = [msgspec.json.decode(line, type=Stop) for _, line, _ in reading.elements(numbered, path)]
    unsaid = Counter()
    for stop in stops:
        unsaid["age"] += (people.age_band(stop.age) == "not-known") != (stop.age is None)
        unsaid["sex"] += (people.sex(stop.sex) == "not-known") != (stop.sex is None)
        unsaid["officer"] += (people.ethnicity(stop.ethnicity_officer) == "not-known") != (not stop.ethnicity_officer)
        said = stop.ethnicity_self not in {None, "Not Stated (NS)"}
        unsaid["self"] += (people.ethnicity(stop.ethnicity_self) != "not-known") != said
    assert unsaid.total() == 0
    assert Counter(people.ethnicity(stop.ethnicity_officer) for stop in stops)["black"] == 4205
    assert Counter(people.age_band(stop.age) for stop in stops)["10-17"] == 1984
