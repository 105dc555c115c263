from collections import Counter
from datetime import date

import pytest

from local.simulate.past import filled_days
from shared.reference import reference

TUESDAY, WEDNESDAY = date(2024, 7, 9), date(2024, 7, 10)


@pytest.fixture(scope="module")
def tuesday():
    ((_, items),) = filled_days(1, reference(), "simulated", [TUESDAY])
    return items


def identities(items):
    names = (b'"crime_id":"', b'"call_id":"', b'"stop_id":"')
    return {line.split(name)[1].split(b'"')[0] for _, line in items for name in names if name in line}


def test_a_day_has_as_many_records_as_london_has_on_one(tuesday):
    assert len(identities(tuesday)) == pytest.approx(15_050, rel=0.1)
    assert Counter(kind for kind, _ in tuesday)["calls"] > 5 * Counter(kind for kind, _ in tuesday)["crimes"] / 2


def test_a_day_is_the_same_whichever_days_are_filled_with_it(tuesday):
    days = dict(filled_days(1, reference(), "simulated", [TUESDAY, WEDNESDAY]))
    assert days[TUESDAY] == tuesday
    assert identities(days[WEDNESDAY]).isdisjoint(identities(tuesday))
