import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest

from local.errors import LocalError
from local.importers.elements import Refusal
from local.importers.mapped_rows import MappedRows, month_of
from local.importers.mapping import TYPES, read_mapping
from local.posting.items import Item
from shared.events import Call, Crime, CrimeCount, Indicator, Outcome, Stop, Victim

CRIMES = """
kind = "crimes"
blank = ["NULL"]
[fields]
crime_id = { column = "Ref" }
status = { value = "recorded" }
recorded_on = { column = "Recorded", format = "%d/%m/%Y" }
area = { column = "Borough", values = { "LB Camden" = "Camden" } }
offence = { column = "Class" }
flags = { column = "Marks", split = "/", values = { K = "knife-crime" } }
"outcome.type" = { column = "Outcome" }
"outcome.on" = { column = "Decided", format = "%d/%m/%Y" }
"victim.age" = { column = "Age" }
"""
HEADER = "Ref,Recorded,Borough,Class,Marks,Outcome,Decided,Age,More\n"
ROW = "7,30/06/2017,LB Camden,Rape,K/gun,NULL,,19,x\n"
CALLS = """
kind = "calls"
id-from = ["When", "Where"]
[fields]
received_at = { column = "When", format = "%Y-%m-%d %H:%M" }
line = { column = "Line" }
kind = { value = "asb" }
category = { column = "What" }
area = { column = "Where" }
abandoned = { column = "Abandoned" }
answer_seconds = { column = "Answered" }
"""


@pytest.fixture
def mapping_of(tmp_path):
    def read(text):
        (tmp_path / "mapping.toml").write_text(text)
        return read_mapping(tmp_path / "mapping.toml")

    return read


@pytest.fixture
def read(mapping_of):
    """The records of a text by a mapping, and what was refused."""

    def records(mapping, text):
        mapping = mapping_of(mapping)
        rows = iter(enumerate(csv.reader(io.StringIO(text), delimiter=mapping.delimiter), 1))
        found = list(MappedRows(mapping, 7, "trial").elements(rows, "a.csv"))
        items = [each for each in found if isinstance(each, Item)]
        records = [msgspec.json.decode(each.record, type=TYPES[each.kind]) for each in items]
        return records, [each for each in found if isinstance(each, Refusal)]

    return records


def test_columns_become_the_fields_of_a_crime(read):
    assert read(CRIMES, HEADER + ROW) == (
        [
            Crime(
                crime_id="7",
                revision=7,
                status="recorded",
                recorded_on="2017-06-30",
                area="Camden",
                offence="Rape",
                flags=("knife-crime", "gun"),
                victims=(Victim(age=19),),
                dataset="trial",
            )
        ],
        [],
    )


def test_an_outcome_of_two_columns_is_one(read):
    (crime,), _ = read(CRIMES, HEADER + ROW.replace("NULL,,", "Charged,01/08/2017,"))
    assert crime.outcome == Outcome(type="Charged", on="2017-08-01")


def test_a_call_without_an_id_has_one_that_follows_from_the_columns_named(read):
    text = "When,Where,Line,What,Abandoned,Answered\n2017-06-30 23:30,Camden,101,Noise,No,12.5\n"
    (call,), _ = read(CALLS, text)
    assert (call.line, call.abandoned, call.answer_seconds) == (101, False, 12.5)
    assert call.received_at == datetime(2017, 6, 30, 22, 30, tzinfo=UTC)
    (again,), _ = read(CALLS, text.replace("12.5", "13"))
    (other,), _ = read(CALLS, text.replace("Camden", "Barnet"))
    assert call.call_id == again.call_id != other.call_id


def test_a_second_row_of_an_id_is_refused_unless_each_row_is_a_record(read):
    crimes, refused = read(CRIMES, HEADER + ROW + ROW)
    assert len(crimes) == 1
    assert [(each.place, each.errors[0].field) for each in refused] == [("a.csv line 3", "crime_id")]
    crimes, refused = read('repeated-ids = "count"\n' + CRIMES, HEADER + ROW + ROW)
    assert ([crime.crime_id for crime in crimes], refused) == (["7", "7#2"], [])


def test_indicators_are_read_with_their_breakdown_and_one_that_stands_twice_is_refused(read):
    mapping = """
    kind = "indicators"
    delimiter = ";"
    [fields]
    indicator = { value = "good-job" }
    area = { column = "Borough" }
    period = { column = "Quarter" }
    "breakdown.ethnicity" = { column = "Group" }
    value = { column = "Share" }
    unit = { value = "percent" }
    status = { value = "final" }
    """
    text = "Borough;Quarter;Group;Share\nCamden;2017-18-Q1;Black;62.3\nCamden;2017-18-Q1;;68\nCamden;2017-18-Q1;;69\n"
    indicators, refused = read(mapping, text)
    assert [(each.breakdown, each.value) for each in indicators] == [({"ethnicity": "Black"}, 62.3), ({}, 68)]
    assert [each.place for each in refused] == ["a.csv line 4"]


def test_rows_that_hold_other_words_than_those_wanted_are_left_out(read, mapping_of):
    text = HEADER + ROW + ROW.replace("7,", "8,", 1).replace(",x", ",y")
    assert [crime.crime_id for crime in read('where = { More = ["y", "z"] }\n' + CRIMES, text)[0]] == ["8"]
    with pytest.raises(LocalError, match="'Colour' of the mapping is not in the file"):
        read('where = { Colour = ["red"] }\n' + CRIMES, text)


def test_a_cell_that_does_not_fit_is_refused_by_its_field_and_the_rest_is_kept(read):
    bad = [ROW.replace("30/06/2017", "2017-06-30"), ROW.replace("Rape", ""), ROW.replace("7,", ",", 1), "7\n"]
    crimes, refused = read(CRIMES, HEADER + "".join(bad) + ROW.replace("7,", "8,", 1))
    assert [crime.crime_id for crime in crimes] == ["8"]
    assert [each.errors[0].field for each in refused] == ["recorded_on", "offence", "crime_id", "row"]
    assert "%d/%m/%Y" in refused[0].errors[0].message


def test_a_format_without_a_day_is_of_a_month(read):
    (crime,), _ = read(
        CRIMES.replace('"%d/%m/%Y" }\narea', '"%b-%y" }\narea'), HEADER + ROW.replace("30/06/2017", "Jun-17")
    )
    assert crime.recorded_on == "2017-06"


@pytest.mark.parametrize(
    ("record", "month"),
    [
        (Crime(crime_id="1", status="recorded", recorded_on="2017-06-30", area="a", offence="o"), "2017-06"),
        (CrimeCount(area="a", offence="o", month="2017-05", count=1), "2017-05"),
        (Indicator(indicator="i", area="a", period="2017-18-Q1", value=1, unit="u", status="final"), "2017-06"),
        (
            Stop(
                stop_id="1",
                stopped_at=datetime(2017, 5, 31, 23, 30, tzinfo=UTC),
                area="a",
                power="p",
                object="o",
                outcome="x",
            ),
            "2017-06",
        ),
        (
            Call(
                call_id="1",
                received_at=datetime(2017, 6, 30, 23, tzinfo=UTC),
                line=101,
                kind="asb",
                category="c",
                area="a",
            ),
            "2017-07",
        ),
    ],
)
def test_the_month_of_a_record_is_the_last_that_it_is_about_in_london(record, month):
    assert month_of(record) == month


def test_a_column_that_the_file_lacks_is_named(read):
    with pytest.raises(LocalError, match="'Borough' of the mapping is not in the file"):
        read(CRIMES, HEADER.replace("Borough", "Area") + ROW)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (CRIMES.replace("crimes", "crime"), "kind"),
        (CRIMES.replace("offence =", "ofence ="), "'ofence' is no field of crimes; known: crime_id"),
        (CRIMES.replace('column = "Class"', 'colum = "Class"'), "colum"),
        (CRIMES.replace('{ column = "Class" }', "{ }"), "fields.offence: give either column or value"),
        (CRIMES.replace('offence = { column = "Class" }', ""), "offence of crimes must be given"),
        (CRIMES.replace("crime_id", "#"), "give either fields.crime_id or id-from"),
        ('id-from = ["Ref"]\n' + CRIMES, "give either fields.crime_id or id-from"),
        ('delimiter = "tab"\n' + CRIMES, "delimiter"),
        (CALLS.replace('%H:%M"', '%H:%M", zone = "Europe/Londn"'), "fields.received_at"),
        (CRIMES + "dataset = { value = 'x' }", "'dataset' is no field"),
        ("kind = ", "mapping.toml"),
    ],
)
def test_a_mapping_that_cannot_be_right_is_refused_by_name(wrong, told, mapping_of):
    with pytest.raises(LocalError, match=told.replace(".", r"\.")):
        mapping_of(wrong)


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LocalError, match=r"absent\.toml: cannot be read"):
        read_mapping(tmp_path / "absent.toml")
