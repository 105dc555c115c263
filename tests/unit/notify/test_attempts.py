from hypothesis import given
from hypothesis import strategies as st

from services.notify.attempts import Outcome, Patience, following

PATIENCE = Patience(max_attempts=3, first_pause_seconds=10, longest_pause_seconds=60)


def after(delivered=(), refused=(), before=(), attempts=1):
    return following(Outcome(delivered, refused), before, attempts, PATIENCE, chance=1.0)


def test_what_no_channel_was_to_take_is_in_the_inbox():
    assert (after().status, after().channel) == ("sent", "inbox")


def test_what_every_channel_took_is_sent_and_names_them():
    found = after(delivered=["json:1", "email:2"], before=["json:3"])
    assert (found.status, found.channel, found.error) == ("sent", "email+json", None)


def test_what_a_channel_refused_is_tried_again_after_a_pause_and_says_why():
    found = after(refused=["email"])
    assert (found.status, found.pause_seconds) == ("pending", 10)
    assert "email" in found.error
    assert "1 of 3" in found.error


def test_the_last_attempt_fails_unless_another_channel_has_taken_it():
    assert after(refused=["email"], attempts=3).status == "failed"
    found = after(refused=["email"], before=["json:1"], attempts=3)
    assert (found.status, found.channel) == ("sent", "json")
    assert "email" in found.error


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_lies_in_the_upper_half_of_a_doubling_capped_time(attempts, chance):
    whole = min(10 * 2 ** min(attempts - 1, 20), 60)
    assert whole / 2 <= PATIENCE.pause_seconds(attempts, chance) <= whole
