import pytest

from local.demo.board import MEETINGS
from local.demo.contacts import CONTACTS
from local.demo.indicators import indicators
from shared.reference import reference


@pytest.mark.parametrize(
    ("indicator", "value", "unit"),
    [
        ("user-satisfaction", 75.3, "percent"),
        ("good-job", 68.6, "percent"),
        ("informed-local", 43.7, "percent"),
        ("listen-to-concerns", 76.0, "percent"),
        ("fair-treatment", 78.3, "percent"),
        ("dealing-issues", 73.6, "percent"),
        ("police-officers", 30_719, "people"),
        ("special-constables", 2_523, "people"),
        ("pcsos", 1_383, "people"),
        ("police-staff", 8_500, "people"),
        ("dedicated-ward-officers", 1_171, "people"),
        ("dedicated-ward-officers-target", 1_258, "people"),
    ],
)
def test_an_indicator_stands_as_printed(indicator, value, unit):
    (row,) = [row for row in indicators() if row.indicator == indicator]
    assert (row.value, row.unit, row.period, row.status, row.dataset) == (value, unit, "2017-18-Q1", "final", "demo")


def test_every_indicator_is_of_london_as_a_whole():
    assert all(reference().areas.get(row.area).is_region for row in indicators())


def test_every_owner_of_an_action_can_be_told():
    owners = {owner for meeting in MEETINGS for action in meeting.actions for owner in action.owners}
    assert owners <= {contact.owner for contact in CONTACTS}


def test_nobody_real_is_ever_written_to():
    assert all(contact.email.endswith("@oversight.example") for contact in CONTACTS)
