"""What a later edition no longer has: withdrawn and told, shown by a dry run, kept by choice, asked about if much."""

import json

import pytest

from shared.reference import reference
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
    _, report = imported(tmp_path, first)
    assert latest(taken) == before
    assert report["places_of_which_a_later_edition_was_imported"] == 3


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
    assert "9 of the 12 records" in str(result.exception)
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


def test_a_file_that_was_cut_off_withdraws_nothing_and_its_broken_row_is_refused(taken, edition, first):
    run("datastore", first)
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide", counts=("99", "99"))
    text = second.read_text()
    second.write_text(text.removesuffix("\n"))
    result = run("datastore", second)
    assert result.exit_code == 0
    assert "nothing is withdrawn: its last line is not ended" in result.output
    second.write_text(text.removesuffix(",99\n") + "\n")
    result = run("datastore", second)
    assert result.exit_code == 1
    assert "the row has 3 fields where the header has 4 (first:" in result.output
    assert 0 not in latest(taken).values()


@pytest.mark.parametrize("row", ['Shoplifting,Barnet,"1,1\n', "Shoplifting,Barnet,1,1,1\n"])
def test_a_row_with_too_few_or_too_many_figures_withdraws_nothing(taken, edition, first, row):
    run("datastore", first)
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide")
    second.write_text(second.read_text() + row)
    assert run("datastore", second).exit_code == 1
    assert 0 not in latest(taken).values()


DASHBOARD = "Month_Year,Area Type,Borough_SNT,Offence Group,Offence Subgroup,Measure,Count\n"


def dashboard(path, *rows):
    lines = (f"{month}-01,Borough,{borough},X,{offence},Offences,{count}\n" for month, borough, offence, count in rows)
    path.write_text(DASHBOARD + "".join(lines))
    return path


def test_a_borough_that_a_long_file_has_no_rows_of_in_one_month_is_left_alone_in_it(taken, tmp_path):
    every = [
        (month, borough, offence, 2)
        for month in ("2017-04", "2017-05")
        for borough in BOROUGHS
        for offence in ("Arson", "Rape")
    ]
    run("datastore", dashboard(tmp_path / "first.csv", *every))
    # As if it were cut off after Camden's rows of May.
    second = dashboard(tmp_path / "second.csv", *every[:8], ("2017-06", "Camden", "Arson", 2))
    result, report = imported(tmp_path, second)
    assert result.exit_code == 0
    assert report["no_longer_published"]["records"] == 0
    assert 0 not in latest(taken).values()


def test_where_more_than_half_of_one_borough_would_go_it_is_asked_though_it_is_little_of_all(taken, tmp_path):
    classes = [each.name for each in reference().offences][:24]
    months = [f"2016-{month:02d}" for month in range(1, 13)]
    every = [(month, borough, each, 1) for month in months for borough in BOROUGHS for each in classes]
    run("datastore", dashboard(tmp_path / "first.csv", *every))
    posted = len(taken)
    second = [dashboard(tmp_path / "second.csv", *every[:-20]), "--published", "2017-06-30"]
    result = run("datastore", *second)
    assert "records that are known of E09000029 2016-12 are not in the latest edition" in str(result.exception)
    assert len(taken) == posted
    assert run("datastore", *second, "--vanished", "withdraw").exit_code == 0
    assert {key[::2] for key, count in latest(taken).items() if not count} == {("E09000029", "2016-12")}


def test_columns_of_months_to_come_do_not_make_a_file_later_than_the_next(taken, edition, tmp_path):
    run(
        "datastore",
        edition("first.csv", ["201704", "201705", "201712"], "Arson", "Rape", "Homicide", counts=("1", "1", "")),
    )
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide", "Shoplifting", counts=("2", "2"))
    _, report = imported(tmp_path, second)
    assert report["no_longer_published"]["records"] == 0
    assert {count for (_, _, month), count in latest(taken).items() if month == "2017-05"} == {2}


def test_files_of_some_classes_each_do_not_take_each_others_counts_away(taken, edition):
    run("datastore", edition("burglary.csv", ["201704", "201705"], "Arson", "Rape"))
    posted = len(taken)
    result = run("datastore", edition("robbery.csv", ["201705", "201706"], "Homicide", "Shoplifting", "Other theft"))
    assert "6 of the 6 records" in str(result.exception)
    assert len(taken) == posted


def test_two_editions_at_once_are_asked_about_where_the_later_lacks_what_the_earlier_has(taken, edition, first):
    second = edition("second.csv", ["201705", "201706"], "Arson", "Rape", "Homicide")
    result = run("datastore", first, second)
    assert "3 records of these months and places, of which 0 were known before," in str(result.exception)
    assert run("datastore", first, second, "--vanished", "withdraw").exit_code == 0
    assert sum(not count for count in latest(taken).values()) == 3


def test_a_class_that_some_boroughs_lose_and_others_keep_is_asked_about_for_the_file_may_be_cut_off(taken, edition):
    months = [f"{year}{month:02d}" for year in (2015, 2016) for month in range(1, 13)]
    classes = ("Arson", "Rape", "Homicide", "Shoplifting", "Other theft", "Bicycle theft")
    run("datastore", edition("first.csv", months, *classes))
    second = edition("second.csv", months, *classes)
    second.write_text("".join(second.read_text().splitlines(keepends=True)[:-1]))
    later = [second, "--published", "2017-06-30"]
    assert "24 of the 24 records that are known of E09000029 bicycle-theft" in str(run("datastore", *later).exception)
    assert 0 not in latest(taken).values()
    redrawn = edition("third.csv", months, *classes[:-1])
    assert run("datastore", redrawn, "--published", "2017-07-31").exit_code == 0
    assert sum(not count for count in latest(taken).values()) == 3 * 24
