"""A measure is a question: declared anew, it is asked of facts that were counted before."""

import dataclasses

import numpy as np
import pytest
from msgspec.structs import replace

from services.metrics.cubes import matrix_of
from services.metrics.facts import Facts
from services.metrics.layout import BUCKETS, Layout
from services.metrics.rows import facts_of
from shared.events import Crime, Outcome, record_message, topics
from shared.reference import Vocabulary


@pytest.fixture
def rows(known):
    """Facts of a rape that was charged, and of two arsons."""
    fields = {"status": "recorded", "recorded_on": "2017-06-30", "area": "E09000007"}
    crimes = [
        Crime(crime_id="1", offence="rape", outcome=Outcome(type="charged", on="2017-06-30"), **fields),
        *(Crime(crime_id=number, offence="arson", **fields) for number in ("2", "3")),
    ]
    states, _, _ = Facts(known, topics.CRIMES).of([record_message(each, "tests").value for each in crimes])
    return facts_of(states, np.zeros(len(states), np.int64), 1).rows


def declared(known, **changes):
    first, *rest = known.measures
    return Layout(
        dataclasses.replace(known, measures=Vocabulary("measure", [replace(first, **changes), *rest])), "crime"
    )


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 3),
        ({"all": frozenset({"offence:arson"})}, 2),
        ({"all": frozenset(), "any": frozenset({"offence:rape", "offence:arson"})}, 3),
        ({"none": frozenset({"offence:rape"})}, 2),
        ({"all": frozenset({"detected"}), "dated": "outcome"}, 1),
        ({"all": frozenset({"victim"}), "weight": "victims"}, 0),
    ],
    ids=str,
)
def test_a_changed_measure_is_answered_from_the_facts_as_they_stand(known, rows, changes, count):
    layout = declared(known, **changes)
    counts = matrix_of(layout, rows)
    assert counts[layout.region, layout.places["total-notifiable-offences"]] == count


def test_every_measure_that_is_counted_has_columns_of_its_own(known):
    for kind in ("crime", "call", "stop"):
        layout = Layout(known, kind)
        columns = list(layout.places.values())
        for histogram in layout.histograms.values():
            assert histogram.stop - histogram.start == BUCKETS
            columns += range(histogram.start, histogram.stop)
        assert sorted(columns) == list(range(layout.width))


def test_what_leaves_flagged_crimes_out_presupposes_that_flags_are_counted(layout):
    assert layout.presupposed["non-domestic-abuse-violence-with-injury"] == ["domestic-abuse"]
    assert layout.presupposed["high-harm-crime"] == ["flagged-crime"]
    assert layout.presupposed["total-notifiable-offences"] == layout.presupposed["hate-crime"] == []
