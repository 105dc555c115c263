import pytest

from services.ingest.idempotency import Answer, Answers, key_of
from shared.errors import Conflict, Invalid, Malformed

DAY = 86_400.0
ONE, OTHER = b"one", b"other"


def answer(size=100):
    return Answer(202, b"application/json", b"x" * size)


def answers(owner_bytes=10_000):
    return Answers(DAY, owner_bytes)


def post(known, key, *, owner="met", fingerprint=ONE, now=0.0, size=100):
    """Begin and end one request; whether it was answered from what is kept."""
    if known.begin(owner, key, fingerprint, now):
        return True
    known.end(owner, key, answer(size), now)
    return False


def test_a_repeat_gets_the_first_ones_answer():
    known = answers()
    assert known.begin("met", "k", ONE, 0) is None
    known.end("met", "k", answer(), 0)
    assert known.begin("met", "k", ONE, 1) == answer()


def test_another_request_with_the_same_key_is_refused_by_the_headers_name():
    known = answers()
    post(known, "k")
    with pytest.raises(Invalid, match="was sent with another request before") as caught:
        known.begin("met", "k", OTHER, 1)
    assert [error.field for error in caught.value.errors] == ["Idempotency-Key"]


def test_a_repeat_while_the_first_is_under_way_is_told_to_come_back():
    known = answers()
    known.begin("met", "k", ONE, 0)
    with pytest.raises(Conflict) as caught:
        known.begin("met", "k", ONE, 0)
    assert caught.value.headers == {"Retry-After": "1"}
    with pytest.raises(Invalid):
        known.begin("met", "k", OTHER, 0)


def test_after_an_answer_that_is_not_kept_a_key_may_be_used_for_anything():
    known = answers()
    known.begin("met", "k", ONE, 0)
    known.end("met", "k", None, 0)
    assert known.begin("met", "k", OTHER, 0) is None


def test_owners_do_not_share_keys():
    known = answers()
    post(known, "k")
    assert not post(known, "k", owner="btp", fingerprint=OTHER)


def test_an_answer_is_kept_for_its_time_and_no_longer():
    known = answers()
    post(known, "k")
    assert post(known, "k", now=DAY - 1)
    assert not post(known, "k", now=DAY, fingerprint=OTHER)
    assert post(known, "k", now=DAY + 1, fingerprint=OTHER)


def test_a_repeat_does_not_lengthen_the_time():
    known = answers()
    post(known, "k")
    post(known, "k", now=DAY - 1)
    assert not post(known, "k", now=DAY)


def test_the_oldest_go_first_and_only_their_owners():
    known = answers(owner_bytes=5_000)
    post(known, "first", owner="btp")
    for number in range(1000):
        post(known, number)
        assert known.size("met") <= 5_000
    assert post(known, "first", owner="btp")
    assert post(known, 999)
    assert not post(known, 990)


def test_all_owners_together_are_bounded_and_whoever_has_most_loses_the_oldest():
    known = answers(owner_bytes=5_000)
    post(known, "little", owner="btp")
    owners = [f"owner-{number}" for number in range(40)]
    for owner in owners:
        for number in range(4):
            post(known, number, owner=owner)
    assert sum(known.size(owner) for owner in ["btp", *owners]) <= 16 * 5_000
    assert post(known, "little", owner="btp")
    assert post(known, 3, owner=owners[-1])


def test_an_answer_too_large_to_keep_displaces_none():
    known = answers(owner_bytes=5_000)
    post(known, "small")
    assert not post(known, "large", size=6_000)
    assert not post(known, "large", size=6_000)
    assert post(known, "small")


def test_what_is_forgotten_leaves_nothing_behind():
    known = answers()
    for number in range(100):
        post(known, number, now=number)
    known.begin("met", "later", ONE, 2 * DAY)
    assert known.size("met") == 0


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e", "8e03978e"),
        (" x ", "x"),
        ("k" * 255, "k" * 255),
    ],
)
def test_a_key_may_be_quoted_or_bare(value, key):
    assert key_of([value]) == key


@pytest.mark.parametrize("value", ["", '""', '"', "a b", "é", "k" * 256, '"a', 'a"', 'a"b', "a\\b", "\x00"])
def test_any_other_key_is_refused(value):
    with pytest.raises(Malformed, match="1 to 255 visible ASCII"):
        key_of([value])


def test_two_keys_are_refused_even_if_they_are_the_same():
    with pytest.raises(Malformed, match="stands more than once"):
        key_of(["k", "k"])
