"""Redis keys, built here and nowhere else.

All keys of a partition share a hash tag, so that its step stays atomic on Redis Cluster:
`oversight:{crimes-3}:1a2b3c4d:` and then `position`, `r:<shard>` (record states), `m:<dataset>:<month>` and
`d:<dataset>:<day>` (count vectors), `first:<dataset>`, `last`, `months:<dataset>`,
`coarse:<dataset>`, `values:<dataset>`.
"""

PARTITIONS = "oversight:partitions"
"""The set of the partitions that have ever been counted, as `crimes-3`."""
PARTITION_COUNTS = "oversight:partition-counts"
"""How many partitions each topic had when it was first counted: topic -> number."""
RULES_SERIES = "oversight:rules:series"
"""When this memory of incidents began; part of every incident's id, so that a lost memory repeats none."""
RULES = "oversight:rules"
"""The alert rules' state: rule -> open or closed, and its incident's number."""


def partition_name(topic: str, partition: int) -> str:
    return f"{topic.rpartition('.')[2]}-{partition}"


def prefix(name: str, fingerprint: str) -> str:
    return f"oversight:{{{name}}}:{fingerprint}:"
