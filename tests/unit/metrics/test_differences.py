"""What two generations of counts differ in."""

import numpy as np
import pytest

from services.metrics.differences import Difference, Figures, Sums, posted
from services.metrics.facts import Facts
from services.metrics.rows import facts_of
from shared.events import Crime, record_message, topics

TOTAL = "total-notifiable-offences"
CAMDEN, BRENT = "E09000007", "E09000005"


@pytest.fixture
def rows(known):
    reader = Facts(known, topics.CRIMES)

    def rows(*places):
        crimes = [
            Crime(crime_id=f"{n}", status="recorded", recorded_on="2024-03-05", area=area, offence=offence)
            for n, (area, offence) in enumerate(places)
        ]
        states = reader.of([record_message(each, "tests").value for each in crimes])[0]
        return facts_of(states, np.zeros(len(states), np.int64), 1).rows

    return rows


def found(layout, *pairs):
    sums = Sums(layout)
    for old, new in pairs:
        sums.add(old, new)
    return {each.measure: each for each in sums.differences("live", "2024-03")}


def test_the_same_facts_in_another_order_and_in_other_partitions_are_equal(layout, rows):
    one, two = (CAMDEN, "arson"), (BRENT, "rape")
    assert found(layout, (rows(one, two), rows(two, one))) == {}
    assert found(layout, (rows(one), rows(two)), (rows(two), rows(one))) == {}
    assert found(layout, (rows(one, two), rows(one, two))) == {}


def test_what_is_missing_is_told_by_measure_and_nothing_else_is(layout, rows):
    both = rows((CAMDEN, "arson"), (BRENT, "rape"))
    differing = found(layout, (both, both[:1]))
    assert differing[TOTAL] == Difference("live", "2024-03", TOTAL, 2, 1)
    assert "total-sexual-offences" in differing
    assert "total-burglary" not in differing


def test_a_crime_in_another_borough_differs_though_london_is_equal(layout, rows):
    differing = found(layout, (rows((CAMDEN, "arson")), rows((BRENT, "arson"))))
    assert differing[TOTAL][3:] == (1, 1)


def test_posted_figures_differ_by_stream_field_and_text():
    figures = Figures()
    figures.add("values:a/live", {b"x": b"1"}, {b"x": b"1"})
    assert list(posted("live", figures)) == []
    figures.add("values:b/live", {b"x": b"1"}, {b"x": b"2"})
    assert list(posted("live", figures)) == [Difference("live", "", "posted figures", 2, 2)]
