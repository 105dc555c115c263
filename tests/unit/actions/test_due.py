from datetime import date

import pytest
from pydantic import ValidationError

from services.actions.due import Due, days_overdue

DAY = date(2023, 6, 30)


@pytest.mark.parametrize(
    ("status", "due_on", "late"),
    [
        ("open", date(2023, 6, 30), 0),
        ("open", date(2023, 6, 29), 1),
        ("open", date(2022, 6, 30), 365),
        ("open", date(2023, 7, 1), 0),
        ("open", None, 0),
        ("done", date(2022, 6, 30), 0),
        ("withdrawn", date(2022, 6, 30), 0),
    ],
)
def test_only_an_open_action_past_its_day_is_overdue_and_counts_from_the_day_after(status, due_on, late):
    assert days_overdue(status, due_on, DAY) == late


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"kind": "date"}, "'on'"),
        ({"kind": "event"}, "'text'"),
        ({"kind": "asap", "on": "2023-06-30"}, "'on'"),
        ({"kind": "none", "on": "2023-06-30"}, "'on'"),
        ({"kind": "soon"}, "'date'"),
    ],
)
def test_a_due_that_does_not_say_what_its_kind_needs_is_refused_with_what_would_be_right(given, named):
    with pytest.raises(ValidationError, match=named):
        Due.model_validate(given)


def test_the_day_of_an_event_may_be_known_or_not():
    assert Due(kind="event", text="the next board").on is None
    assert Due(kind="event", text="the next board", on=DAY).on == DAY
