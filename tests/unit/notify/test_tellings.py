from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.notify.silencing import covers
from services.notify.tellings import Telling, Untellable, checked, tellings
from shared.events import ActionEvent, Alert, Window

AT = datetime(2023, 6, 30, 9, tzinfo=UTC)


def action(kind, **changes):
    fields = {
        "event_id": f"a/{kind}",
        "action_id": "a",
        "kind": kind,
        "board": "Performance Board",
        "number": 6,
        "text": "Do it.",
        "owners": ("MPS", "MOPAC", "MPS"),
        "status": "open",
        "due_on": date(2023, 6, 30),
        "days_overdue": 0,
        "as_of": date(2023, 6, 30),
        "link": "http://actions/a",
        "at": AT,
    }
    return ActionEvent(**fields | changes)


def alert(**changes):
    fields = {
        "alert_id": "rule/live/1/raised",
        "incident_id": "rule/live/1",
        "rule": "rule",
        "state": "raised",
        "title": "Knife crime is rising",
        "text": "London: 12,782.",
        "owner": "MPS",
        "measure": "knife-crime",
        "area": "london",
        "dataset": "live",
        "window": Window(first=date(2016, 7, 1), last=date(2017, 6, 30)),
        "value": 12782,
        "baseline": 10130,
        "percent_change": 26.2,
        "link": "http://metrics/compare",
        "at": AT,
    }
    return Alert(**fields | changes)


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (action("due"), "Due today: action 6, Performance Board"),
        (action("due", as_of=date(2023, 6, 29)), "Due in 1 day: action 6, Performance Board"),
        (action("due", as_of=date(2023, 6, 23)), "Due in 7 days: action 6, Performance Board"),
        (action("overdue", days_overdue=1), "Overdue by 1 day: action 6, Performance Board"),
        (action("overdue", days_overdue=1200), "Overdue by 1,200 days: action 6, Performance Board"),
        (action("created", number=None), "Created: action, Performance Board"),
        (alert(), "Knife crime is rising"),
        (alert(dataset="demo"), "[demo] Knife crime is rising"),
    ],
)
def test_the_subject_says_what_has_happened(event, subject):
    assert tellings(event)[0].subject == subject


def test_every_owner_of_an_action_is_told_once():
    assert [each.owner for each in tellings(action("overdue"))] == ["MPS", "MOPAC"]


def test_reminders_are_told_to_all_and_other_changes_to_those_who_ask():
    wishes = {kind: tellings(action(kind))[0].on_request for kind in ("due", "overdue", "created", "updated")}
    assert wishes == {"due": None, "overdue": None, "created": "created", "updated": "updated"}


def test_an_alert_that_rests_on_other_than_live_records_says_so():
    assert "not on live records" in tellings(alert(dataset="demo"))[0].text
    assert tellings(alert())[0].text == "London: 12,782."


@pytest.mark.parametrize("wrong", [alert(owner=""), alert(owner="a@b.example"), alert(title="nul \x00")])
def test_an_event_that_cannot_be_told_is_refused_with_the_reason(wrong):
    with pytest.raises(Untellable, match=r"owner|NUL"):
        checked(tellings(wrong))


def silence(owner=None, prefix=None, first=-1, last=1):
    return SimpleNamespace(
        owner=owner, prefix=prefix, starts_at=AT + timedelta(hours=first), ends_at=AT + timedelta(hours=last)
    )


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        (silence(owner="MPS"), True),
        (silence(owner="MOPAC"), False),
        (silence(prefix="knife"), True),
        (silence(prefix="knife-crime/live/1/raised"), True),
        (silence(prefix="gun"), False),
        (silence(owner="MOPAC", prefix="knife"), False),
        (silence(owner="MPS", first=0), True),
        (silence(owner="MPS", last=0), False),
        (silence(owner="MPS", first=1, last=2), False),
    ],
)
def test_a_silence_covers_what_all_of_its_parts_fit_while_it_lasts(given, covered):
    telling = Telling("MPS", "knife-crime/live/1/raised", "knife-crime", "", "", "")
    assert covers(given, telling, AT) is covered
