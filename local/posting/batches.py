"""Records gathered into request bodies that ingest takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MOST_RECORDS = 5_000
MOST_BYTES = 4_000_000


class Batch(NamedTuple):
    """Records of one kind (`crimes`, `calls`, `stops`, `indicators`, `crime-counts`), each its JSON text."""

    kind: str
    records: list[bytes]

    def body(self) -> bytes:
        """The batch as NDJSON."""
        return b"\n".join(self.records) + b"\n"


def batches(
    items: Iterable[tuple[str, bytes]], *, most_records: int = MOST_RECORDS, most_bytes: int = MOST_BYTES
) -> Iterator[Batch]:
    """Group (kind, record) items by kind, in their order, into batches within both limits.

    A record that alone exceeds `most_bytes` becomes a batch of its own, for ingest to refuse.
    """
    waiting: dict[str, list[bytes]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for kind, record in items:
        size = len(record) + 1
        if waiting[kind] and (len(waiting[kind]) == most_records or sizes[kind] + size > most_bytes):
            yield Batch(kind, waiting.pop(kind))
            sizes[kind] = 0
        waiting[kind].append(record)
        sizes[kind] += size
    for kind, records in waiting.items():
        yield Batch(kind, records)
