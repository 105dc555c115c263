"""When each token was last used: the time of a file that bears its id, set at most once a minute."""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

log = logging.getLogger(__name__)
_EVERY = timedelta(minutes=1)


def used_beside(tokens_file: Path) -> Path:
    """The directory of these files where none is named."""
    return tokens_file.with_suffix(".used")


class LastUse:
    """Notes uses. Any number of processes may share the directory: the file's time says when, whoever set it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._noted: dict[str, datetime] = {}
        self._complained = False

    def note(self, token_id: str, now: datetime) -> None:
        """Cheap enough for every request. A directory that cannot be written is logged, and holds nobody up."""
        noted = self._noted.get(token_id)
        if noted and now - noted < _EVERY:
            return
        self._noted[token_id] = now
        try:
            self._touch(token_id, now)
        except OSError as error:
            if not self._complained:
                log.warning("when tokens were last used cannot be kept in %s: %s", self._directory, error)
            self._complained = True

    def _touch(self, token_id: str, now: datetime) -> None:
        path, times = self._directory / token_id, (now.timestamp(), now.timestamp())
        try:
            os.utime(path, times)
        except FileNotFoundError:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            os.utime(path, times)


def last_used(directory: Path, token_id: str) -> datetime | None:
    """To the minute; None if it was never used."""
    try:
        return datetime.fromtimestamp((directory / token_id).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
