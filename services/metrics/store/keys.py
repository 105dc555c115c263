"""Redis keys, built here and nowhere else.

All keys of a partition share a hash tag, so that its step stays atomic on Redis Cluster:
`oversight:{crimes-3}:<generation>:` and then `position`; `version`, a name that every write renews;
`r:<shard>`, record states; `f:<stream>:<month>`, the log of that month's facts; `lengths`, each log's length by its
suffix; `values:<stream>`, indicators' texts; `kept`, the suffixes of those; `arrivals:<stream>`, what is known of a
stream's coming in. A stream is `<source>/<dataset>`.
"""

from datetime import date

from services.metrics.profiles import FORMAT

PARTITIONS = "oversight:partitions"
"""The set of the partitions that have ever been counted, as `crimes-3`."""
PARTITION_COUNTS = "oversight:partition-counts"
"""How many partitions each topic had when it was first counted: topic -> number."""
GENERATION = "oversight:generation"
"""Which generation of counts is served; a rebuild counts into the next one, and then writes its name here."""
FIRST_GENERATION = f"{FORMAT}-1"
REBUILDING = "oversight:rebuilding"
"""Held, for some seconds at a time, by the rebuild that is under way: its own random name."""
SUPERSEDED = "superseded"
"""Stands for the moves of a position at which nothing may be written any more."""
RULES_SERIES = "oversight:rules:series"
"""When this memory of incidents began; part of every incident's id, so that a lost memory repeats none."""
RULES = "oversight:rules"
"""The alert rules' state: rule -> open or closed, and its incident's number."""


def partition_name(topic: str, partition: int) -> str:
    return f"{topic.rpartition('.')[2]}-{partition}"


def prefix(name: str, generation: str) -> str:
    return f"oversight:{{{name}}}:{generation}:"


def of_every_partition(generation: str = "*") -> str:
    """A glob pattern of the generation's keys."""
    return prefix("*", generation) + "*"


def generation_of(key: bytes) -> str:
    """The generation of a partition's key."""
    return key.partition(b"}:")[2].partition(b":")[0].decode()


def month_of_facts(suffix: str) -> tuple[str, date]:
    """The stream and the month that a log of facts, `f:<stream>:<month>`, is of."""
    stream, _, month = suffix.removeprefix("f:").rpartition(":")
    return stream, date(int(month[:4]), int(month[4:]), 1)


def following(generation: str) -> str:
    """The name of the generation after this one."""
    kept, _, number = generation.rpartition("-")
    return f"{kept if kept == FORMAT else FORMAT}-{int(number) + 1}"


def served(stored: bytes | None) -> str:
    """The generation that is served, from what GENERATION holds; one of an older format makes way for a new one."""
    name = stored.decode() if stored else FIRST_GENERATION
    return name if name.partition("-")[0] == FORMAT else following(name)
