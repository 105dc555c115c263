"""Redis keys, built here and nowhere else.

All keys of a partition share a hash tag, so that its step stays atomic on Redis Cluster:
`oversight:{crimes-3}:1a2b3c4d:` and then `position`, `r:<shard>` (record states), `m:<dataset>:<month>` and
`d:<dataset>:<day>` (count vectors), `first:<dataset>`, `last`, `coarse:<dataset>`, `values:<dataset>`.
"""

PARTITIONS = "oversight:partitions"
"""The set of the partitions that have ever been counted, as `crimes-3`."""
RULES = "oversight:rules"
"""The alert rules' state: rule -> open or closed, and its incident's number."""


def partition_name(topic: str, partition: int) -> str:
    return f"{topic.rpartition('.')[2]}-{partition}"


def prefix(name: str, fingerprint: str) -> str:
    return f"oversight:{{{name}}}:{fingerprint}:"
