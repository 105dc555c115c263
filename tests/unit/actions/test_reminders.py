from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.actions.reminders import Policy, reminder

DUE = date(2023, 6, 30)
POLICY = Policy(due_days_before=(7, 0), overdue_every_days=1)


def event_id(days_after_due, policy=POLICY, status="open", due_on=DUE):
    found = reminder("a", status, due_on, DUE + timedelta(days=days_after_due), policy)
    return found and found.event_id


def test_nothing_is_called_for_long_before_the_due_date():
    assert event_id(-8) is None


def test_an_action_is_due_seven_days_before_and_again_on_the_day():
    assert [event_id(days) for days in (-7, -6, -1, 0)] == [
        "a/due/2023-06-30/7",
        "a/due/2023-06-30/7",
        "a/due/2023-06-30/7",
        "a/due/2023-06-30/0",
    ]


def test_an_overdue_action_is_announced_every_day_or_as_often_as_the_policy_says():
    weekly = Policy(overdue_every_days=7)
    assert [event_id(days) for days in (1, 2)] == ["a/overdue/2023-06-30/0", "a/overdue/2023-06-30/1"]
    assert [event_id(days, weekly) for days in (1, 7, 8)] == [
        "a/overdue/2023-06-30/0",
        "a/overdue/2023-06-30/0",
        "a/overdue/2023-06-30/1",
    ]


def test_an_action_that_is_not_open_or_has_no_day_gives_no_reminder():
    assert event_id(1, status="done") is None
    assert event_id(1, due_on=None) is None


def test_a_new_due_date_gives_reminders_of_its_own():
    postponed = DUE + timedelta(days=30)
    assert event_id(0) != reminder("a", "open", postponed, postponed, POLICY).event_id


@given(st.integers(-30, 60), st.sets(st.integers(0, 20), min_size=1), st.integers(1, 10))
def test_the_kind_says_on_which_side_of_the_due_date_the_day_is(days, before, every):
    found = reminder("a", "open", DUE, DUE + timedelta(days=days), Policy(tuple(before), every))
    if days > 0:
        assert found.kind == "overdue"
    elif -days <= max(before):
        assert found.kind == "due"
    else:
        assert found is None


@given(st.sets(st.integers(0, 20), min_size=1), st.integers(1, 10))
def test_day_by_day_each_stage_comes_once_and_in_order(before, every):
    policy = Policy(tuple(before), every)
    ids = [event_id(days, policy) for days in range(-30, 31)]
    stages = [each for index, each in enumerate(ids) if each and each not in ids[:index]]
    due = [f"a/due/2023-06-30/{stage}" for stage in sorted(before, reverse=True)]
    overdue = [f"a/overdue/2023-06-30/{stage}" for stage in range((30 - 1) // every + 1)]
    assert stages == due + overdue
