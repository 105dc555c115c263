"""How far an import came, kept on disk until it is done: the same command then goes on where it was."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import msgspec

from local.posting.rejections import Rejections


def replace(path: Path, content: bytes) -> None:
    """Give a file this content in one step: a crash leaves the earlier one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


class Checkpoint(msgspec.Struct):
    """Everything before `element` of part number `part` was answered by ingest, with these totals."""

    part: int = 0
    element: int = 0
    accepted: dict[str, int] = {}
    kept: dict[str, int] = {}
    rejections: Rejections = msgspec.field(default_factory=Rejections)


@dataclass(slots=True)
class Checkpoints:
    """The checkpoint of one import, in a file named for it."""

    path: Path
    _decoder: msgspec.json.Decoder[Checkpoint] = field(default_factory=lambda: msgspec.json.Decoder(Checkpoint))

    def load(self) -> Checkpoint:
        """Where to begin. One that another version wrote in another form is no use: begin at the start."""
        try:
            return self._decoder.decode(self.path.read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return Checkpoint()

    def save(self, checkpoint: Checkpoint) -> None:
        replace(self.path, msgspec.json.encode(checkpoint))

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


def job_of(command: str, dataset: str, options: Sequence[str], stamps: Sequence[str]) -> str:
    """The name of an import: the same for the same content, wherever it lies.

    `options` are those that change its records, `stamps` follow from the content of its files.
    """
    about = "\x1f".join([command, dataset, *options, "", *stamps])
    return blake2b(about.encode(), digest_size=12).hexdigest()
