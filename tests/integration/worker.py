"""An ingest worker as a process of its own, launched as everywhere, that can be stopped and killed."""

import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx

from shared.security import INGEST_SCOPES, issue_token
from tests.parts.process import Part

REQUESTS = "oversight_http_request_duration_seconds"


class Worker(Part):
    """`services.ingest.app` under `shared.serving`, with a token for every scope; it answers once `/livez` does.

    `settings` as the environment gives them, without OVERSIGHT_.
    """

    name = "ingest"
    folder = Path(__file__).parents[2]

    def __init__(self, kafka, **settings):
        super().__init__()
        tokens_file = self.home / "tokens.json"
        self.source = f"t-{uuid4().hex[:12]}"
        self.token = issue_token(tokens_file, self.source, INGEST_SCOPES)
        self._settings = {"KAFKA": kafka, "TOKENS_FILE": tokens_file, **settings}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def prepare(self):
        self.data.mkdir()

    def command(self):
        settings = [f"OVERSIGHT_{name}={value}" for name, value in self._settings.items()]
        launcher = [sys.executable, "-m", "shared.serving", "services.ingest.app:create_app", "--factory"]
        return ["/usr/bin/env", *settings, *launcher, "--no-access-log", "--port", str(self.port)]

    def answers(self):
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/livez", timeout=1, trust_env=False).status_code == 200
        return False

    def client(self, **options):
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=60, trust_env=False, **options)

    def metrics(self):
        """The worker's own, each value by its series."""
        lines = httpx.get(f"{self.url}/metrics", timeout=10, trust_env=False).text.splitlines()
        return {
            series: float(value) for series, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")
        }

    def late(self, status, seconds):
        """How many posts were answered so after more than so many seconds, which must be a bucket of the histogram."""

        def of(bound):
            wanted = (f"{REQUESTS}_bucket", 'method="POST"', f'status="{status}"', f'le="{bound}"')
            return sum(value for series, value in metrics.items() if all(each in series for each in wanted))

        metrics = self.metrics()
        return of("+Inf") - of(seconds)
