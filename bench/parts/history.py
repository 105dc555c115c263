"""Crimes as they reach the projector: in London's mix, some of them repeated, revised, stale or cancelled."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

from local.simulate.records import Records
from local.simulate.stories import story
from local.simulate.truth import Truth
from services.ingest.terms import Terms
from shared.events import Message, record_message
from shared.events.topics import partition_of
from shared.kafka.records import body_of
from shared.reference import reference

DATASET = "bench"
SOURCE = "bench"
FIRST, DAYS = date(2016, 7, 1), 365
PARTITIONS = 4
KEPT_BYTES = 4_500_000  # the embedded broker keeps 5 MiB a partition
Counts = dict[str, dict[str, int]]
"""By measure and area; an area that is absent has none."""


@dataclass(frozen=True)
class History:
    """Messages in the order of their sending, how many records they tell of, and the true counts."""

    messages: list[Message]
    records: int
    counts: Counts


def crimes(seed: int = 11) -> History:
    """As many as the embedded broker keeps, as ingest would publish them."""
    random, made = Random(seed), Records(reference(), "bench", DATASET)
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC)
    sent: list[tuple[timedelta, int, Message]] = []
    held: Counter[int] = Counter()
    truth, records = Truth(), 0
    terms, order = Terms(reference(), FIRST + timedelta(days=DAYS)), count()
    while max(held.values(), default=0) < KEPT_BYTES:
        after = timedelta(days=random.randrange(DAYS))
        told = story(random, made.make("crimes", random, records, midnight + after))
        for delay, version in told:
            message = record_message(terms.resolve(version), SOURCE)
            held[partition_of(message.key, PARTITIONS)] += len(body_of(message))
            sent.append((after + delay, next(order), message))
        truth.add(version for _, version in told)
        records += 1
    sent.sort(key=lambda each: each[:2])
    return History([message for _, _, message in sent], records, truth.counts())
