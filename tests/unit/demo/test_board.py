from datetime import date

from local.demo.board import APRIL_2023, AUGUST_2023, MEETINGS


def test_the_two_meetings_have_seven_and_three_actions_numbered_from_one():
    assert [(meeting.held_on, [action.number for action in meeting.actions]) for meeting in MEETINGS] == [
        (date(2023, 4, 28), [1, 2, 3, 4, 5, 6, 7]),
        (date(2023, 8, 31), [1, 2, 3]),
    ]


def test_only_the_action_that_names_a_day_is_due_on_one():
    due = {(m.held_on, a.number): a.due_on for m in MEETINGS for a in m.actions if a.due_on or a.due_kind == "date"}
    assert due == {(date(2023, 4, 28), 6): date(2023, 6, 30)}


def test_as_soon_as_possible_is_not_a_day():
    handcuffs = AUGUST_2023.actions[0]
    assert (handcuffs.due_kind, handcuffs.due_on) == ("asap", None)


def test_an_action_that_both_agreed_to_belongs_to_both():
    shared = [action.number for action in APRIL_2023.actions if action.owners == ("MPS", "MOPAC")]
    assert shared == [5, 7]


def test_the_words_that_say_when_stand_in_the_actions_text():
    for meeting in MEETINGS:
        for action in meeting.actions:
            assert action.due_text is None or action.due_text in action.text
            assert (action.due_text is None) == (action.due_kind == "none")
