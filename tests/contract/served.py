"""Ingest behind uvicorn in a thread of its own, for clients that are not async."""

import asyncio
import threading
from contextlib import contextmanager

import uvicorn

from services.ingest.app import create_app
from shared.security import INGEST_SCOPES, issue_token
from tests.integration.ingest import settings


class Served:
    """A running service: its address, the app, and the headers of a token with every scope of `met`."""

    def __init__(self, app, server, token):
        self.app, self._server = app, server
        self.headers = {"Authorization": f"Bearer {token}"}

    @property
    def port(self):
        return self._server.servers[0].sockets[0].getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(bootstrap, folder, **changes):
    tokens_file = folder / "tokens.json"
    token = issue_token(tokens_file, "met", INGEST_SCOPES)
    app = create_app(settings(bootstrap, tokens_file, **changes))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "uvicorn ended at its start"
            thread.join(0.01)
        yield Served(app, server, token)
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive(), "uvicorn does not end"
