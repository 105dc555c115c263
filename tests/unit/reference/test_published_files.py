"""Every value of the published files is known. The files are not part of the project, so these may skip."""

import csv
import os
from pathlib import Path

import pytest

from shared.reference import reference
from shared.reference.people import NOT_KNOWN, age_band, ethnicity, sex

SHARED_DATA = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
RECORDED_CRIME = SHARED_DATA / "datastore" / "MPS_Borough_Level_Crime_Historical.csv"
POLICE_UK = SHARED_DATA / "police-uk"
OFFICER_DEFINED = {"White": "white", "Black": "black", "Asian": "asian", "Other": "other", "": NOT_KNOWN}
OF_CODE = {"W": "white", "B": "black", "A": "asian", "M": "mixed", "O": "other", "N": NOT_KNOWN}
PRIORITIES = SHARED_DATA / "published" / "q1-2017-18-local-volume-priorities.csv"


def rows(path):
    if not path.exists():
        pytest.skip(f"{path} is absent; set OVERSIGHT_SHARED_DATA to the directory of published data")
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def test_every_class_group_and_area_of_the_recorded_crime_file_is_known():
    known = reference()
    for row in rows(RECORDED_CRIME):
        offence = known.offences.resolve(row["MinorText"])
        assert known.offence_groups.resolve(row["MajorText"]).id == offence.group
        assert known.areas.resolve(row["LookUp_BoroughName"]).kind in {"borough", "airport", "unknown"}


@pytest.mark.parametrize("month", ["2023-04", "2023-05"])
def test_every_crime_type_and_outcome_of_the_street_files_is_known(month):
    known = reference()
    for row in rows(POLICE_UK / f"{month}-city-of-london-street.csv"):
        assert known.police_uk_crime_types.resolve(row["Crime type"])
        assert not row["Last outcome category"] or known.outcomes.resolve(row["Last outcome category"])


def test_every_power_object_and_outcome_of_the_stop_and_search_file_is_known():
    known = reference()
    for row in rows(POLICE_UK / "2016-06-metropolitan-stop-and-search.csv"):
        assert known.stop_powers.resolve(row["Legislation"])
        assert known.stop_objects.resolve(row["Object of search"])
        assert known.stop_outcomes.resolve(row["Outcome"])


def test_every_boroughs_priorities_stand_as_printed():
    known = reference()
    for row in rows(PRIORITIES):
        chosen = known.priorities[known.areas.resolve(row["borough"]).id]
        assert [priority.title for priority in chosen[:2]] == [row["priority_1"], row["priority_2"]]
        assert bool(row["additional"]) == (len(chosen) == 3)


def test_every_ethnicity_age_and_sex_of_the_stop_and_search_file_is_known():
    for row in rows(POLICE_UK / "2016-06-metropolitan-stop-and-search.csv"):
        assert ethnicity(row["Officer-defined ethnicity"]) == OFFICER_DEFINED[row["Officer-defined ethnicity"]]
        said = row["Self-defined ethnicity"]
        assert ethnicity(said) == (OF_CODE[said.rpartition("(")[2][0]] if said else NOT_KNOWN)
        assert (age_band(row["Age range"]) == NOT_KNOWN) is not bool(row["Age range"])
        assert (sex(row["Gender"]) == NOT_KNOWN) is not bool(row["Gender"])
