from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.periods import month_end, parse_day_or_month, parse_period


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017-06-09", "2017-06-09", "2017-06-09"),
        ("2017-06", "2017-06-01", "2017-06-30"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2016-17", "2016-04-01", "2017-03-31"),
        ("1999-00", "1999-04-01", "2000-03-31"),
        ("2017-18-Q1", "2017-04-01", "2017-06-30"),
        ("2017-18-Q2", "2017-07-01", "2017-09-30"),
        ("2017-18-Q3", "2017-10-01", "2017-12-31"),
        ("2017-18-Q4", "2018-01-01", "2018-03-31"),
        ("2015-16-Q4", "2016-01-01", "2016-03-31"),
        # Both a month and a financial year: the month, which is what ISO 8601 says; its quarters are told apart.
        ("2009-10", "2009-10-01", "2009-10-31"),
        ("2011-12", "2011-12-01", "2011-12-31"),
        ("2012-13", "2012-04-01", "2013-03-31"),
        ("2009-10-Q3", "2009-10-01", "2009-12-31"),
        ("2016-07/2017-06", "2016-07-01", "2017-06-30"),
        ("2016-07-15/2016-08", "2016-07-15", "2016-08-31"),
        ("2016-07/2016-07", "2016-07-01", "2016-07-31"),
    ],
)
def test_a_period_is_read_as_its_first_and_last_day(text, first, last):
    assert parse_period(text) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a period; write YYYY-MM-DD, YYYY-MM, YYYY-YY-Qn"),
        ("2017", "is not a period"),
        ("2017-19", "is not a period"),
        ("2017-13-Q1", "is not a financial year; after 2017 comes 18"),
        ("1999-01-Q2", "is not a financial year; after 1999 comes 00"),
        ("2017-18-Q5", "is not a period"),
        ("2017-02-30", "is not a period"),
        ("2017-06 ", "is not a period"),
        ("2017-06\n", "is not a period"),
        ("2017-06/2016-07", "ends before it begins"),
        ("2016-17/2017-18", "is not a period"),
        ("2016-07/2017-06/2018-01", "is not a period"),
        ("2016-07/", "is not a period"),
        ("\uff12\uff10\uff11\uff17-18", "is not a period"),
    ],
)
def test_a_text_that_is_no_period_is_refused_with_the_forms_that_are(text, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        parse_period(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["2017-13", "2017-06-31", "2017-00", "0000-01", "June 2017", "2016-17", "2017-6-1"])
def test_a_text_that_is_no_day_or_month_is_refused(text):
    with pytest.raises(ValueError, match="is not a date"):
        parse_day_or_month(text)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 1, 1)), st.integers(1, 4))
def test_the_four_quarters_make_the_financial_year(day, quarter):
    year = f"{day.year}-{(day.year + 1) % 100:02d}"
    first, last = parse_period(f"{year}-Q{quarter}")
    assert (first.day, last) == (1, month_end(last))
    assert (last.year - first.year) * 12 + last.month - first.month == 2
    assert date(day.year, 4, 1) <= first <= last <= date(day.year + 1, 3, 31)


@given(st.dates())
def test_a_month_ends_on_the_day_before_the_next_one(day):
    last = month_end(day)
    assert (last.year, last.month) == (day.year, day.month)
    assert last == date.max or date.fromordinal(last.toordinal() + 1).day == 1
