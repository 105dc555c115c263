"""Delivering: claim what is due, try the owner's channels, record what came of it."""

import asyncio
from urllib.parse import quote

from services.notify.attempts import Outcome
from services.notify.channels import Channel, Smtp, channel
from services.notify.models import Notification
from services.notify.sender import Sends
from services.notify.store import Claim, Ledger
from services.notify.telemetry import DELIVERIES


class Delivery:
    """`step` is one round, for a Loop. Several replicas may deliver side by side."""

    def __init__(self, ledger: Ledger, sender: Sends, smtp: Smtp, public_url: str, at_once: int) -> None:
        self._ledger, self._sender, self._smtp = ledger, sender, smtp
        self._public_url, self._at_once = public_url.rstrip("/"), at_once

    async def step(self) -> bool:
        """Attempt what is due, some at once; True when there may be more."""
        claims = await asyncio.to_thread(self._ledger.claim, self._at_once)
        await asyncio.gather(*(asyncio.to_thread(self._attempt, claim) for claim in claims))
        return len(claims) == self._at_once

    def _attempt(self, claim: Claim) -> None:
        delivered, refused = [], []
        for each in self._open_channels(claim):
            taken = self._sender.send(each, claim.notification.subject, self._message(claim.notification))
            DELIVERIES.labels("sent" if taken else "failed", each.label).inc()
            if taken:
                delivered.append(each.key)
            else:
                refused.append(each.label)
        self._ledger.finish(claim, Outcome(delivered, refused))

    def _open_channels(self, claim: Claim) -> list[Channel]:
        channels = [channel(spec, self._smtp) for spec in claim.channels]
        return [each for each in channels if each.key not in claim.notification.delivered]

    def _message(self, notification: Notification) -> str:
        inbox = f"{self._public_url}/inbox/{quote(notification.owner)}"
        return f"{notification.text}\n\n{notification.link}\nAll your notifications: {inbox}\n"
