"""Published data beside the checkout, where it is present."""

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

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


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing: the test's output is the command's."""


@pytest.fixture
def website(tmp_path):
    """A web server of this machine: `folder` is served at `url`."""
    folder = tmp_path / "website"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(folder=folder, url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
