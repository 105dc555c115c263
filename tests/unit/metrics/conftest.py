import pytest

from services.metrics.layout import Layout
from shared.reference import reference


@pytest.fixture(scope="session")
def known():
    return reference()


@pytest.fixture(scope="session")
def layout(known):
    """The layout of crimes."""
    return Layout(known, "crime")
