"""Crimes that a later edition of a force's month no longer has are cancelled, in whatever order editions come."""

import csv
import io
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.importers.elements import Kept
from local.importers.ledger import opened
from local.importers.outcomes import updates
from local.importers.police_uk import Reading, survey
from local.importers.vanished_crimes import VanishedCrimes
from local.importers.withdrawals import Vanished
from shared.events import Crime
from tests.unit.importers.archive import CITY, MET, OUTCOMES, outcome, street
from tests.unit.importers.test_commands import Ingest, run, taken

__all__ = ["taken"]  # the fixture
PLACES = [("2023-04", MET), ("2023-05", MET), ("2023-04", CITY)]


@st.composite
def publications(draw):
    """Each with a number of its own: the crime ids of its street files by place, and outcomes."""
    numbers = draw(st.lists(st.integers(1, 40).map(lambda each: 10 * each), min_size=1, max_size=4, unique=True))
    ids = st.lists(st.sampled_from(("a", "b", "c", "")), max_size=4)
    files = st.dictionaries(st.sampled_from(PLACES), ids, max_size=3)
    decided = st.lists(st.sampled_from(("a", "b", "c")), max_size=2)
    return [(number, draw(files), draw(decided)) for number in numbers]


class Archive:
    """Imports publications one after the other; what was posted last of each crime, by its revision."""

    def __init__(self, path, reference):
        self.path, self.reference, self.crimes, self.jobs = path, reference, {}, 0

    def bring(self, number, files, decided, job=None):
        self.jobs += 1
        with opened(self.path, "live", job or str(self.jobs), rehearsal=False) as ledger:
            streets = [
                street(month, force, *((i, "", "Robbery", "") for i in ids)) for (month, force), ids in files.items()
            ]
            for text in streets:
                ledger.covers(survey(rows(text), self.reference).covers, number)
            reading, gone = (
                Reading(self.reference, number, "live", ledger),
                VanishedCrimes(ledger, "live", Vanished.WITHDRAW),
            )
            known = [OUTCOMES + "".join(outcome(i, "2023-06", "Suspect charged") for i in decided)]
            elements = [each for text in (*known, *streets) for each in reading.elements(rows(text), "a.csv")]
            elements += updates(ledger, "live")
            elements += [each for part in gone.parts() for each in part.read()]
            self.post(elements)
            ledger.settle()
            ledger.commit()
            return gone.told()

    def post(self, elements):
        for each in elements:
            if not isinstance(each, Kept):
                crime = msgspec.json.decode(each.record, type=Crime)
                if crime.crime_id not in self.crimes or crime.revision > self.crimes[crime.crime_id].revision:
                    self.crimes[crime.crime_id] = crime

    def recorded(self):
        """How many crimes each month has of each force's rows that carry an id, and of the others."""
        return sorted(each.crime_id for each in self.crimes.values() if each.status == "recorded")


def rows(text):
    return iter(enumerate(csv.reader(io.StringIO(text)), 1))


def right(published, path, reference):
    """The rows of the latest publication of each place that has any, imported alone."""
    latest = {}
    for _, files, _ in sorted(published, key=lambda each: each[0]):
        latest |= {place: ids for place, ids in files.items() if ids}
    alone = Archive(path, reference)
    alone.bring(1, latest, [])
    return alone.recorded()


@settings(max_examples=80, deadline=None)
@given(published=publications(), random=st.randoms(use_true_random=False))
def test_in_any_order_the_latest_publication_of_a_month_and_force_is_the_truth(
    published, random, tmp_path_factory, reference
):
    path = tmp_path_factory.mktemp("ledger")
    archive, order = Archive(path / "a.sqlite3", reference), [*published, *published]
    random.shuffle(order)
    for each in order:
        archive.bring(*each)
    assert archive.recorded() == right(published, path / "b.sqlite3", reference)


@settings(max_examples=40, deadline=None)
@given(published=publications())
def test_a_second_import_of_the_latest_publication_changes_nothing(published, tmp_path_factory, reference):
    archive = Archive(tmp_path_factory.mktemp("ledger") / "a.sqlite3", reference)
    for each in published:
        archive.bring(*each)
    latest = max(published, key=lambda each: each[0])
    archive.bring(*latest, job="again")
    before = dict(archive.crimes)
    assert archive.bring(*latest, job="again").count == 0
    assert archive.crimes == before


@pytest.fixture
def editions(tmp_path):
    """Three crimes and a call of April, and a later edition with two of the crimes, no call, and May."""
    first = [
        ("a", "", "Robbery", ""),
        ("b", "", "Drugs", ""),
        ("c", "", "Drugs", ""),
        ("", "", "Anti-social behaviour", ""),
    ]
    files = {
        "first": {"2023-04-met-street.csv": street("2023-04", MET, *first)},
        "second": {
            "2023-04-met-street.csv": street("2023-04", MET, *first[1:3]),
            "2023-05-met-street.csv": street("2023-05", MET, ("d", "", "Drugs", "")),
        },
    }
    for folder, named in files.items():
        (tmp_path / folder).mkdir()
        for name, text in named.items():
            (tmp_path / folder / name).write_text(text)
    return tmp_path / "first", tmp_path / "second"


def imported(folder, *arguments):
    result = run("police-uk", folder, "--report", folder / "report.json", *arguments)
    return result, json.loads((folder / "report.json").read_text())


def test_what_is_cancelled_is_listed_and_so_are_calls_that_cannot_be(taken, editions):
    first, second = editions
    run("police-uk", first)
    posted = len(taken)
    result, report = imported(second, "--dry-run")
    assert "no longer published, and would be withdrawn: 1\n" in result.output
    assert len(taken) == posted
    result, report = imported(second)
    assert [each.crime_id for each in taken if getattr(each, "status", "") == "cancelled"] == [
        "a@2023-04/metropolitan-police-service"
    ]
    assert report["no_longer_published"] == {
        "records": 1,
        "kept": False,
        "listed": [
            "a@2023-04/metropolitan-police-service 2023-04 metropolitan-police-service unknown police-uk-robbery"
        ],
    }
    assert report["calls_no_longer_published_which_cannot_be_withdrawn"] == 1
    assert "calls no longer published which cannot be withdrawn: 1" in result.output


def test_they_are_kept_if_that_is_wished(taken, editions):
    first, second = editions
    run("police-uk", first)
    _, report = imported(second, "--vanished", "keep")
    assert (report["no_longer_published"]["records"], report["no_longer_published"]["kept"]) == (1, True)
    assert {getattr(each, "status", "recorded") for each in taken} == {"recorded"}


def test_a_file_with_refused_rows_cancels_nothing(taken, editions):
    first, second = editions
    run("police-uk", first)
    path = second / "2023-04-met-street.csv"
    path.write_text(path.read_text().replace("Drugs", "Piracy", 1))
    result, report = imported(second)
    assert (result.exit_code, report["no_longer_published"]["records"]) == (1, 0)
    assert "nothing is withdrawn while rows are refused: 1" in result.output


def test_where_more_than_half_would_go_it_stops_before_that_and_goes_on_when_told(taken, editions):
    first, second = editions
    run("police-uk", first)
    (second / "2023-04-met-street.csv").write_text(street("2023-04", MET, ("b", "", "Drugs", "")))
    (second / "2023-05-met-street.csv").unlink()
    later = [second, "--published", "2023-07-01"]
    result = run("police-uk", *later)
    assert result.exit_code == 1
    assert "2 of the 3 records" in str(result.exception)
    assert run("police-uk", *later, "--vanished", "withdraw").exit_code == 0
    assert sum(getattr(each, "status", "") == "cancelled" for each in taken) == 2


def test_a_crime_that_comes_back_counts_again_though_a_later_outcome_had_raised_its_revision(tmp_path, reference):
    archive, place = Archive(tmp_path / "a.sqlite3", reference), PLACES[0]
    archive.bring(100, {place: ["a", "b"]}, [])
    archive.bring(400, {}, ["a"])
    archive.bring(200, {place: ["b"]}, [])
    assert archive.recorded() == ["b@2023-04/metropolitan-police-service"]
    archive.bring(300, {place: ["a", "b"]}, [])
    assert len(archive.recorded()) == 2
    assert archive.bring(300, {place: ["a", "b"]}, []).count == 0


def refuse(request):
    request.send_error(500)
    return True


@pytest.mark.parametrize("published", ["2023-05-31T23:59:59", "2023-09-01"])
def test_a_cancellation_that_was_interrupted_is_posted_by_the_next_import_whichever_it_is(taken, editions, published):
    first, second = editions
    run("police-uk", first)
    Ingest.disturb = staticmethod(refuse)
    assert run("police-uk", second).exit_code == 1
    Ingest.disturb = None
    assert run("police-uk", second, "--published", published).exit_code == 0
    cancelled = [each for each in taken if getattr(each, "status", "") == "cancelled"]
    assert [each.crime_id for each in cancelled] == ["a@2023-04/metropolitan-police-service"]
    run("police-uk", second, "--published", published)
    assert sum(getattr(each, "status", "") == "cancelled" for each in taken) == 1


def test_a_file_that_was_cut_off_cancels_nothing(taken, editions):
    first, second = editions
    run("police-uk", first)
    path = second / "2023-04-met-street.csv"
    path.write_text(path.read_text().removesuffix("\n"))
    result, report = imported(second)
    assert (result.exit_code, report["no_longer_published"]["records"]) == (0, 0)
    assert "nothing is withdrawn: its last line is not ended" in result.output


def test_a_month_and_force_that_stand_in_two_files_are_covered_only_if_both_are_whole(taken, editions):
    first, second = editions
    run("police-uk", first)
    broken = street("2023-04", MET, ("e", "", "Robbery", ""), ("a", "", "Piracy", ""))
    (second / "2023-04-met-more-street.csv").write_text(broken)
    result, report = imported(second)
    assert (result.exit_code, report["no_longer_published"]["records"]) == (1, 0)


def test_where_more_than_half_of_one_borough_would_go_it_is_asked_though_it_is_little_of_all(taken, tmp_path):
    of = {
        name: [(f"{name}{n}", f"{name} 001A", "Drugs", "") for n in range(30)]
        for name in ("Camden", "Barnet", "Sutton")
    }
    path = tmp_path / "2023-04-met-street.csv"
    path.write_text(street("2023-04", MET, *of["Camden"], *of["Barnet"], *of["Sutton"]))
    run("police-uk", path)
    path.write_text(street("2023-04", MET, *of["Camden"], *of["Barnet"]))
    later = [path, "--published", "2023-07-01"]
    result = run("police-uk", *later)
    assert "30 of the 30 records that are known of 2023-04 metropolitan-police-service E09000029" in str(
        result.exception
    )
    assert {each.status for each in taken} == {"recorded"}
    assert run("police-uk", *later, "--vanished", "keep").exit_code == 0
    assert {each.status for each in taken} == {"recorded"}


def test_a_cancellation_that_was_interrupted_is_not_taken_for_done_by_an_import_that_keeps(taken, editions):
    first, second = editions
    run("police-uk", first)
    Ingest.disturb = staticmethod(refuse)
    assert run("police-uk", second).exit_code == 1
    Ingest.disturb = None
    assert run("police-uk", second, "--published", "2023-08-01", "--vanished", "keep").exit_code == 0
    assert {getattr(each, "status", "recorded") for each in taken} == {"recorded"}
    assert run("police-uk", second, "--published", "2023-09-01").exit_code == 0
    assert sum(getattr(each, "status", "") == "cancelled" for each in taken) == 1


def test_files_of_some_crime_types_each_do_not_cancel_each_others_crimes(taken, tmp_path):
    path = tmp_path / "2023-04-met-street.csv"
    path.write_text(street("2023-04", MET, ("a", "", "Robbery", "")))
    run("police-uk", path)
    path.write_text(street("2023-04", MET, ("b", "", "Drugs", ""), ("c", "", "Drugs", "")))
    result = run("police-uk", path, "--published", "2023-07-01")
    assert "1 of the 1 records" in str(result.exception)
    assert {each.status for each in taken} == {"recorded"}


def test_an_edition_that_seems_to_be_the_older_one_is_told(taken, editions):
    first, second = editions
    run("police-uk", second)
    result, report = imported(first, "--vanished", "withdraw")
    assert report["places_of_which_a_later_edition_was_imported"] == 1
    assert "places of which a later edition was imported: 1" in result.output
    assert imported(second)[1]["places_of_which_a_later_edition_was_imported"] == 0
