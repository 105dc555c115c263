from datetime import UTC, datetime

import pytest

from local.errors import LocalError
from local.importers.publication import revision


def test_without_a_publication_time_the_revision_is_the_end_of_the_latest_month_in_london():
    assert revision(None, ["2017-06", "2016-12"]) == datetime(2017, 6, 30, 22, 59, 59, tzinfo=UTC).timestamp()


def test_a_file_that_reaches_further_has_a_higher_revision():
    assert revision(None, ["2017-05", "2017-06"]) > revision(None, ["2017-05"])


def test_a_file_published_the_month_after_has_a_higher_revision_than_its_default():
    assert revision("2017-07-01", ["2017-06"]) > revision(None, ["2017-06"])


def test_a_publication_time_is_londons_unless_it_says_otherwise():
    assert revision("2017-07-01T12:00", []) == datetime(2017, 7, 1, 11, tzinfo=UTC).timestamp()
    assert revision("2017-07-01T12:00Z", []) == datetime(2017, 7, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("text", ["yesterday", "2017-13-01", "", "1950-01-01", "0001-01-01"])
def test_another_text_is_refused_by_name(text):
    with pytest.raises(LocalError, match="--published"):
        revision(text, ["2017-06"])
