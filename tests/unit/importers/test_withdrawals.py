"""What a later edition no longer has: withdrawn and told, shown by a dry run, kept by choice, asked about if much."""

import json

import pytest

from tests.unit.importers.test_commands import run, taken

__all__ = ["taken"]  # the fixture
BOROUGHS = ("Camden", "Barnet", "Sutton")


def latest(posted):
    """As metrics: of each count the highest revision, of equal ones the first."""
    known = {}
    for each in posted:
        if each.record_id not in known or each.revision > known[each.record_id].revision:
            known[each.record_id] = each
    return {(each.area, each.offence, each.month): each.count for each in known.values()}


@pytest.fixture
def edition(tmp_path):
    """Writes a file of these classes in three boroughs, in the months, and answers its path."""

    def write(name, months, *rows, counts=None):
        path = tmp_path / name
        lines = [f"{each},{borough},{','.join(counts or '1' * len(months))}" for each in rows for borough in BOROUGHS]
        path.write_text("\n".join([f"MinorText,BoroughName,{','.join(months)}", *lines, ""]))
        return path

    return write


def imported(tmp_path, *arguments):
    result = run("datastore", *arguments, "--report", tmp_path / "report.json")
    return result, json.loads((tmp_path / "report.json").read_text()) if result.exit_code == 0 else None


@pytest.fixture
def first(edition):
    return edition("first.csv", ["201704", "201705"], "Arson", "Rape", "Shoplifting", "Homicide")


def test_a_class_that_a_later_edition_no_longer_has_becomes_zero_in_its_months_alone(taken, edition, first, tmp_path):
    run("datastore", first)
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide")
    result, report = imported(tmp_path, second)
    counts = latest(taken)
    assert {key: value for key, value in counts.items() if not value} == {
        (area, "shoplifting", "2017-05"): 0 for area in ("E09000003", "E09000007", "E09000029")
    }
    assert counts["E09000007", "shoplifting", "2017-04"] == 1
    assert report["no_longer_published"] == {
        "records": 3,
        "kept": False,
        "listed": [f"{area} shoplifting 2017-05" for area in ("E09000003", "E09000007", "E09000029")],
    }
    assert "no longer published, and withdrawn: 3\n  E09000003 shoplifting 2017-05\n" in result.output


def test_a_second_import_of_either_edition_changes_nothing(taken, edition, first, tmp_path):
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide")
    run("datastore", first)
    run("datastore", second)
    before = latest(taken)
    _, report = imported(tmp_path, second)
    assert report["no_longer_published"]["records"] == 0
    run("datastore", first)
    assert latest(taken) == before


def test_a_class_that_comes_back_counts_again(taken, edition, first):
    run("datastore", first)
    run("datastore", edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide"))
    third = ("third.csv", ["201705", "201707"], "Arson", "Rape", "Homicide", "Shoplifting")
    run("datastore", edition(*third))
    assert latest(taken)["E09000007", "shoplifting", "2017-05"] == 1


def test_a_dry_run_says_what_would_be_withdrawn_and_does_nothing(taken, edition, first, tmp_path):
    run("datastore", first)
    posted = len(taken)
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide")
    for _ in range(2):
        result, report = imported(tmp_path, second, "--dry-run")
        assert "no longer published, and would be withdrawn: 3\n" in result.output
        assert report["no_longer_published"]["records"] == 3
    assert len(taken) == posted


def test_what_has_vanished_is_kept_if_that_is_wished_and_told_all_the_same(taken, edition, first, tmp_path):
    run("datastore", first)
    second = edition("second.csv", ["201705", "201706"], "Arson")
    result, report = imported(tmp_path, second, "--vanished", "keep")
    assert (report["no_longer_published"]["records"], report["no_longer_published"]["kept"]) == (9, True)
    assert "no longer published, and kept all the same: 9\n" in result.output
    assert 0 not in latest(taken).values()


def test_where_more_than_half_would_go_nothing_is_posted_until_somebody_says_so(taken, edition, first, tmp_path):
    run("datastore", first)
    posted = len(taken)
    second = edition("second.csv", ["201705", "201706"], "Arson")
    result, _ = imported(tmp_path, second)
    assert result.exit_code == 1
    assert "9 of the 15 records" in str(result.exception)
    assert "--vanished withdraw" in str(result.exception)
    assert len(taken) == posted
    assert run("datastore", second, "--vanished", "withdraw").exit_code == 0
    assert sum(not count for count in latest(taken).values()) == 9


def test_nothing_is_withdrawn_while_a_row_is_refused_for_it_may_be_what_vanished(taken, edition, first):
    run("datastore", first)
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide", "Lifting of shops")
    result = run("datastore", second)
    assert result.exit_code == 1
    assert "nothing is withdrawn while rows are refused" in result.output
    assert 0 not in latest(taken).values()


def test_a_borough_that_a_file_does_not_speak_of_is_left_alone(taken, edition, first, tmp_path):
    run("datastore", first)
    second = tmp_path / "second.csv"
    second.write_text("MinorText,BoroughName,201705,201706\nArson,Camden,5,5\nRape,Camden,5,5\nHomicide,Camden,5,5\n")
    run("datastore", second)
    assert [key for key, count in latest(taken).items() if not count] == [("E09000007", "shoplifting", "2017-05")]
