"""The topics that notify consumes; every event of theirs becomes entries in the ledger."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import TopicPartition

from services.notify.store import Ledger
from services.notify.telemetry import ENTERED
from services.notify.tellings import Untellable, checked, tellings
from shared.events import Undecodable, decode
from shared.events.topics import ACTIONS, ALERTS
from shared.kafka import Apply, DeadLetters

TOPICS = (ALERTS, ACTIONS)
log = logging.getLogger(__name__)


def entering(ledger: Ledger, dead_letters: DeadLetters, entered: Callable[[], None]) -> Apply:
    """Enters a batch in the ledger, then calls `entered` if anything was new.

    What cannot be decoded or told goes to the dead letters first: only then may its offset be committed.
    """

    async def apply(_partition: TopicPartition, records: Sequence[Any]) -> int:
        found, rejected = [], []
        for record in records:
            try:
                found += checked(tellings(decode(record.topic, record.value)))
            except (Undecodable, Untellable) as reason:
                rejected.append((record, str(reason)))
        await dead_letters.put(rejected)
        new = await asyncio.to_thread(ledger.enter, found)
        if new:
            ENTERED.inc(new)
            entered()
        following: int = records[-1].offset + 1
        return following

    return apply
