from datetime import UTC, date, datetime

import pytest

from local.errors import LocalError
from local.importers.publication import revision

TODAY = date(2017, 8, 15)


def test_without_a_publication_time_the_revision_is_the_end_of_the_latest_month_in_london():
    assert revision(None, ["2017-06", "2016-12"], TODAY) == datetime(2017, 6, 30, 22, 59, 59, tzinfo=UTC).timestamp()


def test_a_file_that_reaches_further_has_a_higher_revision():
    assert revision(None, ["2017-05", "2017-06"], TODAY) > revision(None, ["2017-05"], TODAY)


def test_a_file_published_the_month_after_has_a_higher_revision_than_its_default():
    assert revision("2017-07-01", ["2017-06"], TODAY) > revision(None, ["2017-06"], TODAY)


def test_a_publication_time_is_londons_unless_it_says_otherwise():
    assert revision("2017-07-01T12:00", [], TODAY) == datetime(2017, 7, 1, 11, tzinfo=UTC).timestamp()
    assert revision("2017-07-01T12:00Z", [], TODAY) == datetime(2017, 7, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("text", ["yesterday", "2017-13-01", "", "1950-01-01", "0001-01-01"])
def test_another_text_is_refused_by_name(text):
    with pytest.raises(LocalError, match="--published"):
        revision(text, ["2017-06"], TODAY)


def test_a_publication_of_the_future_is_refused_for_every_later_one_would_be_taken_for_earlier():
    with pytest.raises(LocalError, match="--published '2071-06-30': that is in the future"):
        revision("2071-06-30", ["2017-06"], TODAY)
    assert revision("2017-08-15T23:59", [], TODAY) > 0


def test_a_month_to_come_does_not_date_a_file_that_has_others():
    assert revision(None, ["2017-06", "2071-06"], TODAY) == revision(None, ["2017-06"], TODAY)
    assert revision(None, ["2071-06"], TODAY) > revision(None, ["2017-06"], TODAY)
