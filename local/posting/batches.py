"""Records gathered into request bodies that ingest takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from local.posting.items import Item, Postable

MOST_RECORDS = 5_000
MOST_BYTES = 4_000_000
_LONGEST_EXAMPLE = 300


class Batch(NamedTuple):
    """Items of one kind."""

    kind: str
    items: list[Item]

    @property
    def records(self) -> list[bytes]:
        return [item.record for item in self.items]

    def body(self) -> bytes:
        """The batch as NDJSON."""
        return b"\n".join(self.records) + b"\n"

    def place(self, index: int) -> str:
        """Where the item at `index` stands, or what it says where that is not known."""
        item = self.items[index]
        return item.place or item.record.decode(errors="replace")[:_LONGEST_EXAMPLE]


def batches(
    items: Iterable[Postable], *, most_records: int = MOST_RECORDS, most_bytes: int = MOST_BYTES
) -> Iterator[Batch]:
    """Group items by kind, in their order, into batches within both limits.

    A record that alone exceeds `most_bytes` becomes a batch of its own, for ingest to refuse.
    """
    waiting: dict[str, list[Item]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for each in items:
        item = each if isinstance(each, Item) else Item(*each)
        size = len(item.record) + 1
        if waiting[item.kind] and (len(waiting[item.kind]) == most_records or sizes[item.kind] + size > most_bytes):
            yield Batch(item.kind, waiting.pop(item.kind))
            sizes[item.kind] = 0
        waiting[item.kind].append(item)
        sizes[item.kind] += size
    for kind, found in waiting.items():
        yield Batch(kind, found)
