"""The topics that notify consumes; every event of theirs becomes entries in the ledger."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import TopicPartition

from services.notify.store import Ledger
from services.notify.telemetry import ENTERED
from services.notify.tellings import Telling, Untellable, checked, tellings
from shared.errors import Unavailable
from shared.events import Undecodable, decode
from shared.events.topics import ACTIONS, ALERTS
from shared.kafka import Apply, DeadLetters, Rejected

TOPICS = (ALERTS, ACTIONS)
Told = tuple[Any, list[Telling]]
"""A Kafka record, and what it has owners told."""


def entering(ledger: Ledger, dead_letters: DeadLetters, entered: Callable[[], None]) -> Apply:
    """Enters a batch in the ledger, then calls `entered` if anything was new.

    What cannot be decoded, told or entered goes to the dead letters first: only then may its offset be committed.
    """

    async def apply(_partition: TopicPartition, records: Sequence[Any]) -> int:
        told, rejected = _told(records)
        await dead_letters.put(rejected)
        new, rejected = await _entered(ledger, told)
        await dead_letters.put(rejected)
        if new:
            ENTERED.inc(new)
            entered()
        following: int = records[-1].offset + 1
        return following

    return apply


def _told(records: Sequence[Any]) -> tuple[list[Told], list[Rejected]]:
    told: list[Told] = []
    rejected: list[Rejected] = []
    for record in records:
        try:
            told.append((record, checked(tellings(decode(record.topic, record.value)))))
        except (Undecodable, Untellable) as refusal:
            rejected.append((record, str(refusal)))
        except Exception as fault:  # noqa: BLE001 - a record is kept with whatever it raised
            rejected.append((record, fault))
    return told, rejected


async def _entered(ledger: Ledger, told: Sequence[Told]) -> tuple[int, list[Rejected]]:
    """How many are new, and what the ledger does not take: where the whole batch fails, each event is entered alone."""
    try:
        return await asyncio.to_thread(ledger.enter, [each for _, found in told for each in found]), []
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - each record is kept with what it raises itself
        return await _entered_alone(ledger, told)


async def _entered_alone(ledger: Ledger, told: Sequence[Told]) -> tuple[int, list[Rejected]]:
    new = 0
    rejected: list[Rejected] = []
    for record, found in told:
        try:
            new += await asyncio.to_thread(ledger.enter, found)
        except Unavailable:
            raise
        except Exception as fault:  # noqa: BLE001 - a record is kept with whatever it raised
            rejected.append((record, fault))
    return new, rejected
