"""The tags that records can carry."""

import pytest

from shared.reference import reference
from shared.reference.seconds import EDGES
from shared.reference.tags import ANSWERED_WITHIN, FILLED, carried_tags, filled_tag, possible_tags, within_tags


@pytest.mark.parametrize("kind", ["crime", "call", "stop"])
def test_what_terms_give_and_what_can_be_filled_is_possible_and_so_is_record(kind):
    possible = possible_tags(reference())[kind]
    given = {tag for _, tags in carried_tags(reference(), kind) for tag in tags}
    assert given | {"record"} | {filled_tag(field) for field in FILLED[kind]} <= possible


def test_every_edge_of_a_duration_can_be_asked_for_and_nothing_between():
    calls = possible_tags(reference())["call"]
    for prefix in ("answered-within", "attended-within"):
        assert {int(tag.split(":")[1]) for tag in calls if tag.startswith(f"{prefix}:")} == set(EDGES)


@pytest.mark.parametrize(("seconds", "within"), [(10, True), (9.9, True), (10.1, False), (0, True), (100_000, False)])
def test_a_call_is_answered_within_an_edge_that_it_does_not_exceed(seconds, within):
    assert ("answered-within:10" in within_tags(ANSWERED_WITHIN, seconds)) is within
    assert within_tags(ANSWERED_WITHIN, seconds) <= possible_tags(reference())["call"]


def test_tags_of_one_kind_are_not_anothers():
    possible = possible_tags(reference())
    assert "notifiable" not in possible["call"] | possible["stop"]
    assert "section-60" not in possible["crime"] | possible["call"]
    assert "detected" not in possible["stop"]
