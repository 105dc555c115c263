import shutil
from pathlib import Path

import pytest

from shared.reference import DIRECTORY, load


class Copy:
    """A copy of the reference data that a test may break."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.directory / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))

    def append(self, file: str, line: str) -> None:
        with (self.directory / file).open("a") as out:
            out.write(line + "\n")

    def declare(self, toml: str) -> None:
        """Adds a file of measures, read after the others."""
        (self.directory / "measures" / "99-more.toml").write_text(toml)

    def load(self, overriding: Path | None = None):
        return load(self.directory, overriding)


@pytest.fixture
def copy(tmp_path):
    data = tmp_path / "reference"
    shutil.copytree(DIRECTORY, data, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return Copy(data)
