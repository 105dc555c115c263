"""Bodies are held up to a bound, of which nobody takes more than half."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unavailable
from shared.room import Room


def is_refused(room, owner, size):
    scope = {}
    try:
        room.take(scope, owner, size)
    except Unavailable:
        return True
    room.leave(scope)
    return False


def test_of_one_owner_no_more_than_half_is_held_and_others_have_the_rest():
    room = Room(100)
    room.take({}, "wild", 50)
    assert is_refused(room, "wild", 1)
    assert not is_refused(room, "other", 50)
    assert is_refused(room, "other", 51)


def test_who_holds_nothing_may_hold_a_body_of_any_size_where_nobody_else_does():
    room = Room(100)
    room.take({}, "one", 1000)
    assert is_refused(room, "other", 1)


def test_a_request_without_a_body_gives_nothing_back():
    room = Room(100)
    room.leave({})
    assert room.held_bytes == 0


STEPS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b"]), st.integers(0, 60)), max_size=60)


@given(STEPS)
def test_what_is_held_is_what_was_taken_by_those_who_have_not_left(steps):
    room, scopes, model = Room(100), {}, {}
    for request, owner, size in steps:
        key = owner, request
        if key in model and size == 0:
            room.leave(scopes.pop(key))
            del model[key]
            continue
        try:
            room.take(scopes.setdefault(key, {}), owner, size)
        except Unavailable:
            of_one = sum(held for (who, _), held in model.items() if who == owner)
            assert sum(model.values()) + size > 100 or of_one + size > 50
        else:
            model[key] = model.get(key, 0) + size
        assert room.held_bytes == sum(model.values())


def test_refusals_name_the_time_to_come_back():
    room = Room(10)
    room.take({}, "a", 5)
    with pytest.raises(Unavailable) as caught:
        room.take({}, "a", 5)
    assert caught.value.headers["Retry-After"] == "1"
