"""Outcomes find their crimes: in the same import, in an earlier one, and once the crime is imported at last."""

import csv
import io

import msgspec
import pytest

from local.errors import LocalError
from local.importers.elements import Kept
from local.importers.ledger import opened
from local.importers.outcomes import updates
from local.importers.police_uk import Reading
from shared.events import Crime, Outcome

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
OUTCOMES = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\n"
UNSOLVED = "Investigation complete; no suspect identified"


def street(*rows):
    return STREET + "".join(
        f"{crime},2023-04,Force,Force,,,,,Camden 027C,Robbery,{outcome},\n" for crime, outcome in rows
    )


def outcomes(*rows):
    return OUTCOMES + "".join(f"{crime},{month},Force,Force,,,,,,{outcome}\n" for crime, month, outcome in rows)


class Imports:
    """Imports one after the other into one dataset; what was posted last of each crime, by its revision."""

    def __init__(self, path, reference):
        self.path, self.reference, self.crimes, self.number = path, reference, {}, 0

    def __call__(self, *texts, revision=100, rehearsal=False):
        """Answers how many outcomes wait for their crimes."""
        self.number += 1
        with opened(self.path, "live", str(self.number), rehearsal=rehearsal) as ledger:
            reading = Reading(self.reference, revision, "live", ledger)
            posted = [each for text in texts for each in reading.elements(self._rows(text), "a.csv")]
            for item in [*posted, *updates(ledger, "live")]:
                if not isinstance(item, Kept):
                    self._post(msgspec.json.decode(item.record, type=Crime))
            waiting = ledger.waiting()
            if not rehearsal:
                ledger.commit()
        return waiting

    def _rows(self, text):
        return iter(enumerate(csv.reader(io.StringIO(text)), 1))

    def _post(self, crime):
        """As the projector: the highest revision of a record wins, of equal ones the first."""
        known = self.crimes.get(crime.crime_id)
        if known is None or crime.revision > known.revision:
            self.crimes[crime.crime_id] = crime

    def outcome(self, crime_id="a"):
        return self.crimes[f"{crime_id}@2023-04/force"].outcome


@pytest.fixture
def imports(tmp_path, reference):
    return Imports(tmp_path / "ledger.sqlite3", reference)


CHARGED = Outcome(type="Suspect charged", on="2023-06")


def test_an_outcome_of_the_same_import_has_the_month_in_which_it_was_decided(imports):
    imports(outcomes(("a", "2023-06", "Suspect charged")), street(("a", "Under investigation"), ("b", UNSOLVED)))
    assert imports.outcome("a") == CHARGED
    assert imports.outcome("b") == Outcome(type=UNSOLVED, on="2023-04")


def test_the_latest_outcome_counts_and_of_one_month_the_one_further_down(imports):
    rows = [("a", "2023-06", UNSOLVED), ("a", "2023-06", "Suspect charged"), ("a", "2023-05", UNSOLVED)]
    imports(outcomes(*rows), street(("a", "")))
    assert imports.outcome() == CHARGED


def test_an_outcome_is_of_every_row_that_carries_its_crime_id(imports):
    imports(outcomes(("a", "2023-06", "Suspect charged")), street(("a", ""), ("a", "Under investigation")))
    assert [crime.outcome for crime in imports.crimes.values()] == [CHARGED, CHARGED]


def test_an_outcome_finds_a_crime_that_an_earlier_import_brought_with_all_that_it_was(imports):
    imports(street(("a", "Under investigation"), ("b", "")))
    before = imports.crimes["a@2023-04/force"]
    assert imports(outcomes(("a", "2023-06", "Suspect charged"))) == 0
    after = imports.crimes["a@2023-04/force"]
    assert after == msgspec.structs.replace(before, outcome=CHARGED, revision=after.revision)
    assert imports.outcome("b") is None


def test_an_outcome_waits_for_its_crime(imports):
    assert imports(outcomes(("a", "2023-06", "Suspect charged"))) == 1
    imports(street(("a", "Under investigation")))
    assert imports.outcome() == CHARGED


def test_a_later_outcome_wins_over_an_earlier_though_both_have_the_same_publication_time(imports):
    imports(street(("a", "")))
    imports(outcomes(("a", "2023-05", UNSOLVED)))
    imports(outcomes(("a", "2023-06", "Suspect charged")))
    assert imports.outcome() == CHARGED
    imports(outcomes(("a", "2023-05", UNSOLVED)))
    assert imports.outcome() == CHARGED


def test_a_later_street_file_is_more_recent_than_an_outcome_that_was_known_before(imports):
    imports(outcomes(("a", "2023-06", "Suspect charged")), street(("a", "")), revision=100)
    imports(street(("a", "Suspect charged")), revision=200)
    assert imports.outcome() == CHARGED
    imports(street(("a", "Local resolution")), revision=300)
    assert imports.outcome() == Outcome(type="Local resolution", on="2023-04")


def test_an_older_street_file_takes_no_outcome_away(imports):
    imports(outcomes(("a", "2023-06", "Suspect charged")), street(("a", "")), revision=200)
    imports(street(("a", "Under investigation")), revision=100)
    assert imports.outcome() == CHARGED


@pytest.mark.parametrize("apart", [False, True])
def test_a_second_import_changes_nothing(imports, apart):
    files = [
        outcomes(("a", "2023-05", UNSOLVED), ("a", "2023-06", "Suspect charged"), ("c", "2023-05", UNSOLVED)),
        street(("a", "Under investigation"), ("a", UNSOLVED), ("b", "Local resolution")),
    ]
    runs = [[each] for each in files] if apart else [files]
    for run in runs:
        imports(*run)
    first = dict(imports.crimes)
    for run in [*runs, *reversed(runs)]:
        imports(*run)
    assert imports.crimes == first
    assert len(first) == 3


def test_a_rehearsal_sees_what_is_known_and_leaves_nothing_behind(imports):
    imports(street(("a", "")))
    imports(outcomes(("a", "2023-06", "Suspect charged")), rehearsal=True)
    assert imports.outcome() == CHARGED
    imports.crimes.clear()
    imports(street(("a", "")), revision=200)
    assert imports.outcome() is None


@pytest.mark.parametrize("rehearsal", [False, True])
def test_one_import_at_a_time_has_the_ledger(rehearsal, tmp_path):
    path = tmp_path / "ledger.sqlite3"
    with opened(path, "live", "1", rehearsal=False) as first:
        with pytest.raises(LocalError, match="another import"), opened(path, "live", "2", rehearsal=rehearsal):
            pytest.fail("it is taken")
        first.commit()
    with opened(path, "live", "2", rehearsal=rehearsal) as after:
        assert after.waiting() == 0


def test_outcomes_without_a_crime_id_or_of_an_unknown_type_are_refused(imports, reference, tmp_path):
    with opened(tmp_path / "other.sqlite3", "live", "1", rehearsal=True) as ledger:
        reading = Reading(reference, 1, "live", ledger)
        text = outcomes(
            ("", "2023-06", "Suspect charged"), ("a", "2023-06", "Abducted by aliens"), ("a", "June", UNSOLVED)
        )
        refused = list(reading.elements(imports._rows(text), "a.csv"))
        assert ledger.outcome("a") is None
    assert [each.errors[0].field for each in refused] == ["Crime ID", "outcome", "Month"]
    assert refused[1].errors[0].value == "Abducted by aliens"
