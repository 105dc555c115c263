import csv
import io
from collections import Counter

import msgspec
import pytest

from local.errors import LocalError
from local.importers.datastore import elements, read_table
from local.importers.datastore_long import read_any_table
from local.importers.publication import months_end
from local.importers.sources import open_rows
from shared.events import CrimeCount

HISTORICAL = "MajorText,MinorText,LookUp_BoroughName,201705,201706\n"
RECENT = "MajorText,MinorText,BoroughName,201706,201707\n"
OLDER = "Major Class Description,Minor Class Description,BoroughName,2017-05,2017-06\n"


def table_of(text, reference):
    rows = ((number, row) for number, row in enumerate(csv.reader(io.StringIO(text)), 1))
    return read_table(rows, reference)


def records_of(table, revision=7, dataset="live"):
    return [msgspec.json.decode(line, type=CrimeCount) for _, line, _ in elements(table, revision, dataset, "a.csv")]


@pytest.mark.parametrize("header", [HISTORICAL, RECENT, OLDER])
def test_every_header_that_was_published_is_understood(header, reference):
    table = table_of(header + "Robbery,Robbery of Personal Property,Camden,12,34\n", reference)
    assert sorted(table.counts.values()) == [12, 34]
    assert not table.refusals


def test_a_cell_becomes_a_count_with_ids_of_the_reference(reference):
    table = table_of(HISTORICAL + "Burglary,DOMESTIC BURGLARY,Camden,12,34\n", reference)
    assert records_of(table, revision=99, dataset="trial")[1] == CrimeCount(
        area="E09000007", offence="domestic-burglary", month="2017-06", count=34, revision=99, dataset="trial"
    )


def test_a_zero_is_posted_because_it_may_correct_an_earlier_figure_but_a_blank_is_no_figure(reference):
    table = table_of(HISTORICAL + "ARSON,Arson,Camden,0,\n", reference)
    assert [(record.month, record.count) for record in records_of(table)] == [("2017-05", 0)]


def test_rows_that_resolve_to_one_class_and_area_are_added(reference):
    rows = "V,Wounding/GBH,Camden,1,2\nV,Assault with Injury,CAMDEN,10,20\nV,Murder,Camden,100,200\n"
    counts = Counter({(r.offence, r.month): r.count for r in records_of(table_of(HISTORICAL + rows, reference))})
    assert counts["violence-with-injury", "2017-05"] == 11
    assert counts["violence-with-injury", "2017-06"] == 22
    assert counts["homicide", "2017-06"] == 200


def test_unknown_classes_and_areas_are_told_once_each_and_the_rest_is_kept(reference):
    rows = "X,Jaywalking,Camden,1,2\nX,Jaywalking,Barnet,1,2\nX,Arson,Atlantis,1,2\nX,Arson,Camden,1,2\n"
    table = table_of(HISTORICAL + rows, reference)
    told = [(refusal.errors[0].value, refusal.place, refusal.records) for refusal in table.refusals]
    assert len(table.counts) == 2
    assert told == [("Jaywalking", "line 2", 2), ("Jaywalking", "line 3", 2), ("Atlantis", "line 4", 2)]


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Unknown", "unknown"),
        ("London Heathrow and London City Airports", "heathrow-and-city-airports"),
        ("Aviation Security (SO18)", "heathrow-and-city-airports"),
        ("Kensington & Chelsea", "E09000020"),
    ],
)
def test_airports_and_unknown_places_are_areas_too(name, area, reference):
    assert [record.area for record in records_of(table_of(HISTORICAL + f"X,Rape,{name},1,\n", reference))] == [area]


def test_londons_own_row_is_refused_because_it_would_count_every_crime_twice(reference):
    table = table_of(HISTORICAL + "X,Arson,London,1,2\n", reference)
    assert not table.counts
    assert [refusal.records for refusal in table.refusals] == [2]


def test_a_cell_that_is_no_whole_number_is_refused_alone(reference):
    table = table_of(HISTORICAL + "X,Arson,Camden,-1,2\n", reference)
    assert list(table.counts.values()) == [2]
    assert [refusal.place for refusal in table.refusals] == ["line 2, 2017-05"]


@pytest.mark.parametrize(
    "text", ["", "a,b\n", "MinorText,BoroughName\n", "MinorText,201706\n", "MinorText,BoroughName,201713\n"]
)
def test_another_file_is_refused_with_the_columns_that_are_expected(text, reference):
    with pytest.raises(LocalError, match="LookUp_BoroughName"):
        table_of(text, reference)


def test_a_month_with_two_columns_is_refused(reference):
    with pytest.raises(LocalError, match="2017-06 has two columns"):
        table_of("MinorText,BoroughName,201706,2017-06\n", reference)


def test_totals_of_every_class_and_borough_equal_the_files_own(published_data, reference):
    path = published_data / "datastore" / "MPS_Borough_Level_Crime_Historical.csv"
    with open_rows(str(path)) as rows:
        table = read_table(rows, reference)
    classes, areas = Counter(), Counter()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            figures = sum(int(value) for name, value in row.items() if name.isdigit())
            classes[reference.offences.resolve(row["MinorText"]).id] += figures
            areas[reference.areas.resolve(row["LookUp_BoroughName"]).id] += figures
    mine, mine_by_area = Counter(), Counter()
    for (area, offence, _), count in table.counts.items():
        mine[offence] += count
        mine_by_area[area] += count
    assert (mine, mine_by_area) == (classes, areas)
    assert table.refusals == []
    assert months_end(table.months) == months_end(["2024-02"])


DASHBOARD = (
    "Month_Year,Area Type,Borough_SNT,Area name,Area code,{},{},Measure,Financial Year,Count,Refresh Date\n"
    "{},Borough,Camden,Camden,E09000007,THEFT,OTHER THEFT,Offences,fy23-24,12,2023-05-02\n"
    "{},Safer Neighbourhood Teams,Camden,Bloomsbury,E05,THEFT,OTHER THEFT,Offences,fy23-24,3,2023-05-02\n"
    "{},Borough,Camden,Camden,E09000007,THEFT,OTHER THEFT,Positive Outcomes,fy23-24,5,2023-05-02\n"
    "{},Borough,Other / NK,Other / NK,-1,THEFT,SHOPLIFTING,Offences,fy23-24,1,2023-05-02\n"
    "{},Borough,Aviation Policing,Aviation Policing,-1,ROBBERY,ROBBERY OF PERSONAL PROPERTY,Offences,fy23-24,2,x\n"
    "{},Borough,Camden,Camden,E09000007,OTHER ACCEPTED CRIME,OTHER ACCEPTED CRIME,Offences,fy23-24,9,2023-05-02\n"
)


@pytest.mark.parametrize("names", [("Offence Group", "Offence Subgroup"), ("Crime type", "Crime subtype")])
@pytest.mark.parametrize("month", ["2023-04-01", "2023-04-01 00:00:00", "01/04/2023", "1/4/2023"])
def test_the_dashboards_rows_of_boroughs_are_counts_and_the_others_are_told(names, month, reference):
    rows = (
        (number, row) for number, row in enumerate(csv.reader(io.StringIO(DASHBOARD.format(*names, *[month] * 6))), 1)
    )
    table = read_any_table(rows, reference)
    assert {(each.area, each.offence, each.month, each.count) for each in records_of(table)} == {
        ("E09000007", "other-theft", "2023-04", 12),
        ("unknown", "shoplifting", "2023-04", 1),
        ("heathrow-and-city-airports", "robbery-of-personal-property", "2023-04", 2),
    }
    assert table.left_out == {"Safer Neighbourhood Teams": 1, "Positive Outcomes": 1, "not notifiable": 1}
    assert (table.refusals, table.months) == ([], ["2023-04"])


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("2023-04-01", "2023-04-02", "month"),
        ("2023-04-01", "April", "month"),
        ("OTHER THEFT,Offences", "JAYWALKING,Offences", "offence"),
        (",12,", ",-12,", "count"),
        ("Borough,Camden,Camden", "Borough,Atlantis,Atlantis", "area"),
    ],
)
def test_what_is_wrong_in_a_dashboards_row_is_named(old, new, field, reference):
    text = DASHBOARD.format("Offence Group", "Offence Subgroup", *["2023-04-01"] * 6).replace(old, new, 1)
    table = read_any_table(enumerate(csv.reader(io.StringIO(text)), 1), reference)
    told = [(each.errors[0].field, each.place.partition(",")[0]) for each in table.refusals]
    assert told == [(field, "line 2")]
    assert len(table.counts) == 2
