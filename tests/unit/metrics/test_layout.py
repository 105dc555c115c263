import dataclasses

import pytest
from msgspec.structs import replace

from services.metrics.layout import Layout
from shared.reference import Vocabulary


@pytest.fixture
def made_of(known):
    """The crimes' layout, with one measure other than declared."""

    def make(*, drop=False, **changes):
        first, *rest = known.measures
        measures = rest if drop else [replace(first, **changes), *rest]
        return Layout(dataclasses.replace(known, measures=Vocabulary("measure", measures)), "crime")

    return make


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"all": frozenset({"group:robbery"})},
        {"any": frozenset({"group:robbery"})},
        {"none": frozenset({"group:robbery"})},
        {"dated": "outcome"},
        {"id": "another"},
        {"drop": True},
    ],
    ids=str,
)
def test_a_change_of_what_is_counted_changes_the_fingerprint(made_of, layout, changes):
    assert made_of(**changes).fingerprint != layout.fingerprint


@pytest.mark.parametrize(
    "changes", [{}, {"title": "Renamed"}, {"definition": "Reworded."}, {"good": "up"}, {"caveats": ()}], ids=str
)
def test_a_change_of_words_keeps_the_fingerprint_and_so_the_counts(made_of, layout, changes):
    assert made_of(**changes).fingerprint == layout.fingerprint


def test_kinds_have_layouts_of_their_own(known, layout):
    assert Layout(known, "call").fingerprint != layout.fingerprint
    assert {each.of for each in layout.measures} == {"crime"}


def test_the_fingerprint_changes_with_the_tags_that_a_term_gives(known):
    fraud = next(each for each in known.offences if not each.notifiable)
    offences = [dataclasses.replace(each, notifiable=True) if each == fraud else each for each in known.offences]
    changed = dataclasses.replace(known, offences=Vocabulary("offence", offences))
    assert Layout(changed, "crime").fingerprint != Layout(known, "crime").fingerprint
    assert Layout(changed, "call").fingerprint == Layout(known, "call").fingerprint
