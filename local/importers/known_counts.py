"""Which counts of the London Datastore were imported into a dataset, kept so that a later edition can withdraw some."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import msgspec

from local.errors import LocalError
from local.importers.checkpoints import replace
from local.importers.editions import Known
from local.importers.locks import alone


class KnownCounts:
    """A file of one dataset in `folder`. A rehearsal reads it, and leaves nothing behind."""

    def __init__(self, folder: Path, dataset: str, *, rehearsal: bool) -> None:
        self._path = folder / f"{blake2b(dataset.encode(), digest_size=8).hexdigest()}.msgpack"
        self._rehearsal = rehearsal

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no other import change it meanwhile; LocalError if one is at it, or the folder cannot be used."""
        if self._rehearsal:
            yield
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LocalError(f"{self._path.parent}: {error}") from error
        with alone(self._path.with_suffix(".lock"), "Datastore files"):
            yield

    def load(self) -> Known:
        """What is known; LocalError if the file is damaged: guessing would leave counts that are no more."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Known)
        except FileNotFoundError:
            return Known()
        except (msgspec.DecodeError, OSError) as error:
            raise LocalError(f"{self._path}: what earlier imports brought cannot be read: {error}") from error

    def save(self, known: Known) -> None:
        if not self._rehearsal:
            replace(self._path, msgspec.msgpack.encode(known))
