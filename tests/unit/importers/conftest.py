"""Published data beside the checkout, where it is present."""

import os
from pathlib import Path

import pytest

from shared.reference import reference as project_reference

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def published_data() -> Path:
    data = Path(os.environ.get("OVERSIGHT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "datastore").is_dir():
        pytest.skip(f"published data are not at {data} (set OVERSIGHT_SHARED_DATA)")
    return data


@pytest.fixture(scope="session")
def reference():
    return project_reference()
