from datetime import UTC, datetime

import pytest

from local.simulate.records import Records
from shared.reference import reference

START = datetime(2024, 7, 9, 11, 0, tzinfo=UTC)


@pytest.fixture
def records():
    return Records(reference(), "run", "simulated")
