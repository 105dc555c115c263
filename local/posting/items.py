"""What is posted: records, each with the place that it came from."""

from typing import NamedTuple


class Item(NamedTuple):
    """A record of one kind (`crimes`, `calls`, `stops`, `indicators`, `crime-counts`) as JSON.

    `place` says where it stands ("a.csv line 12"), for whoever must find it again when it is rejected.
    """

    kind: str
    record: bytes
    place: str = ""


Postable = Item | tuple[str, bytes]
"""An item, or the kind and record alone."""
