"""The broker of the embedded stack, as `oversight up` runs it: librdkafka's mock cluster."""

import sys
from pathlib import Path

from tests.parts.process import Part


class EmbeddedBroker(Part):
    """It chooses its port anew at each start, keeps 5 MiB a partition and forgets everything when it stops."""

    name = "broker"
    start_seconds = 30.0
    folder = Path(__file__).parents[2]

    @property
    def bootstrap(self) -> str:
        return self._address.read_text()

    def prepare(self) -> None:
        self.data.mkdir()

    def command(self) -> list[str]:
        self._address.unlink(missing_ok=True)
        files = ["--address", str(self._address), "--clusters", str(self.data / "clusters")]
        return [sys.executable, "-m", "local.parts.broker", *files]

    def answers(self) -> bool:
        return self._address.exists()

    @property
    def _address(self) -> Path:
        return self.data / "address"
