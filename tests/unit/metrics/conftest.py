import pytest

from services.metrics.consumer import layouts
from services.metrics.facts import Facts
from shared.events import topics
from shared.reference import reference


@pytest.fixture(scope="session")
def known():
    return reference()


@pytest.fixture(scope="session")
def layout(known):
    """The layout of crimes."""
    return layouts(known)[topics.CRIMES]


@pytest.fixture(scope="session")
def facts(known):
    return Facts(known, {each.kind: each for each in layouts(known).values() if each})
