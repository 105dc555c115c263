"""Posts a timeline as it comes due, until told to stop."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec

from local.posting.ingest_client import IngestClient
from local.simulate.timeline import Event
from shared.clock import Clock

LONGEST_NAP_SECONDS = 0.5
REPORT_SECONDS = 60.0
_MOST_AT_ONCE = 20_000

Say = Callable[[str], None]


async def post_live(client: IngestClient, events: Iterator[Event], clock: Clock, say: Say) -> None:
    """Post each event once its time has come, and say each minute what was accepted; runs until cancelled.

    Raises IngestFailed when ingest is away for longer than the client's patience. What comes due while ingest is
    busy is posted after it.
    """
    encode = msgspec.json.Encoder().encode
    following = next(events)
    report_at = clock.now() + timedelta(seconds=REPORT_SECONDS)
    while True:
        due: list[tuple[str, bytes]] = []
        now = clock.now()
        while following.at <= now and len(due) < _MOST_AT_ONCE:
            due.append((following.kind, encode(following.record)))
            following = next(events)
        if due:
            await client.send(due)
        if now >= report_at:
            say(told(client))
            report_at = now + timedelta(seconds=REPORT_SECONDS)
        await asyncio.sleep(min(max((following.at - clock.now()).total_seconds(), 0), LONGEST_NAP_SECONDS))


def told(client: IngestClient) -> str:
    """What was accepted so far, and what was not."""
    accepted: Counter[str] = client.totals.accepted
    parts = [f"{count:,} {kind}" for kind, count in sorted(accepted.items())]
    line = f"simulated: {', '.join(parts) or 'nothing yet'}"
    rejections = client.totals.rejections
    reasons = "; ".join(f"{why.count:,} x {text}" for text, why in rejections.most_frequent()[:5])
    return f"{line}; rejected: {rejections.records:,} ({reasons})" if rejections.records else line
