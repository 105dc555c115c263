"""Upstreams that post batches for as long as they are let, and remember what they were told."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx

BATCH = 60
PAUSE_SECONDS, AGAIN_SECONDS = 0.05, 0.2
THEFT, ARSON = "Theft from the person", "Arson"


@dataclass
class Upstreams:
    """Half of them send a batch again until it is accepted; the others give up what is refused, and go on."""

    client: httpx.AsyncClient
    dataset: str
    sent: set = field(default_factory=set)
    accepted: set = field(default_factory=set)
    refused: int = 0
    unanswered: int = 0
    _numbers: count = field(default_factory=count)
    _ends: bool = False

    @asynccontextmanager
    async def posting(self, number=6):
        """They post meanwhile; at the end, each finishes what it has begun."""
        async with asyncio.TaskGroup() as group:
            for each in range(number):
                group.create_task(self._post(is_patient=each % 2 == 0))
            try:
                yield self
            finally:
                self._ends = True

    async def are_busy(self, more=600):
        """Returns once so many more events have been accepted."""
        wanted = len(self.accepted) + more
        async with asyncio.timeout(60):
            while len(self.accepted) < wanted:  # noqa: ASYNC110 - the posters tell nobody
                await asyncio.sleep(0.02)

    async def _post(self, *, is_patient):
        while not self._ends:
            events = list(self._batch())
            self.sent |= identities(events)
            while not await self._is_accepted(events) and is_patient:  # noqa: ASYNC110 - it asks again
                await asyncio.sleep(AGAIN_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    def _batch(self):
        """Distinct crimes, a third of them reclassified; the later revision comes first."""
        for _ in range(BATCH):
            number = next(self._numbers)
            known = {"status": "recorded", "recorded_on": "2017-06-01", "area": "Camden", "dataset": self.dataset}
            if number % 3 == 0:
                yield {"crime_id": f"c{number}", "revision": 2, "offence": ARSON, **known}
            yield {"crime_id": f"c{number}", "revision": 1, "offence": THEFT, **known}

    async def _is_accepted(self, events):
        try:
            answer = await self.client.post("/v1/crimes", json=events)
        except httpx.TransportError:
            self.unanswered += 1
            return False
        if answer.status_code == 202:
            assert answer.json() == {"accepted": len(events), "rejected": []}
            self.accepted |= identities(events)
            return True
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        self.refused += 1
        return False


def identities(events):
    return {(event["crime_id"], event["revision"]) for event in events}
