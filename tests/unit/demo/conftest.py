import math
import os
from collections import Counter
from pathlib import Path

import pytest

from local.demo.figures import crime_counts
from shared.reference import reference

SHARED_DATA = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))


def printed_percent(before, after):
    """Whole percent, half away from zero."""
    percent = 100 * (after - before) / before
    return int(math.copysign(math.floor(abs(percent) + 0.5), percent))


def of_group(group):
    return lambda row: reference().offences.get(row.offence).group == group


def of_class(*offences):
    return lambda row: row.offence in offences


def with_flag(flag):
    return lambda row: flag in row.flags


def either(first, second):
    return lambda row: first(row) or second(row)


# What each measure counts, written out again so that a slip in the project's own declarations would show.
ROBBERY = of_group("robbery")
THEFT_PERSON = of_class("theft-from-the-person")
COUNTED = {
    "total-notifiable-offences": lambda row: reference().offences.get(row.offence).notifiable,
    "violence-against-the-person": of_group("violence-against-the-person"),
    "total-robbery": ROBBERY,
    "total-burglary": of_group("burglary"),
    "theft-person": THEFT_PERSON,
    "theft-taking-of-mv": of_class("theft-or-unauth-taking-of-a-motor-veh", "aggravated-vehicle-taking"),
    "theft-from-mv": of_class("theft-from-a-vehicle"),
    "knife-crime": with_flag("knife-crime"),
    "gun-crime": with_flag("gun-crime"),
    "domestic-abuse": with_flag("domestic-abuse"),
    "total-sexual-offences": of_group("sexual-offences"),
    "racist-and-religious-hate-crime": with_flag("racist-and-religious-hate"),
    "sexual-orientation-hate-crime": with_flag("sexual-orientation-hate"),
    "transgender-hate-crime": with_flag("transgender-hate"),
    "disability-hate-crime": with_flag("disability-hate"),
    "common-assault": of_class("common-assault"),
    "non-domestic-abuse-violence-with-injury": lambda row: (
        row.offence == "violence-with-injury" and "domestic-abuse" not in row.flags
    ),
    "robbery-and-theft-person": either(ROBBERY, THEFT_PERSON),
}


class Figures:
    """The demonstration's rows, counted by measure, area and month."""

    def __init__(self, rows):
        self.rows = rows
        self._by_cell = Counter()
        for row in rows:
            for measure, counts in COUNTED.items():
                if counts(row):
                    self._by_cell[measure, row.area, row.month] += row.count

    def total(self, measure, first, last, area=None):
        return sum(
            count
            for (of, where, month), count in self._by_cell.items()
            if of == measure and area in {None, where} and first <= month <= last
        )


@pytest.fixture(scope="session")
def figures():
    return Figures(crime_counts())


@pytest.fixture(scope="session")
def published():
    directory = SHARED_DATA / "published"
    if not directory.exists():
        pytest.skip(f"{directory} is absent; set OVERSIGHT_SHARED_DATA to the directory of published data")
    return directory
