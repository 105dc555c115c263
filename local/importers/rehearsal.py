"""`--dry-run`: records judged by ingest's own rules, here, and posted nowhere."""

from collections.abc import Callable, Iterable
from datetime import date

from local.posting.batches import batches
from local.posting.ingest_client import Totals
from local.posting.items import Postable
from services.ingest.acceptance import judge
from shared.events.topics import RECORD_TOPICS
from shared.reference import Reference

_TOPICS = {topic.partition(".")[2]: topic for topic in RECORD_TOPICS}


class Rehearsal:
    """Stands in for a client of ingest; `today` is London's."""

    def __init__(self, reference: Reference, today: date) -> None:
        self._reference, self._today = reference, today
        self.totals = Totals()

    async def send(self, items: Iterable[Postable], done: Callable[[int], None] = lambda _: None) -> Totals:
        """As IngestClient.send, but that `accepted` is what would be."""
        for batch in batches(items):
            topic = _TOPICS[batch.kind]
            verdict = judge([(topic, record) for record in batch.records], self._reference, self._today)
            for rejected in verdict.rejected:
                self.totals.rejections.add(rejected.errors, batch.place(rejected.index))
            self.totals.accepted[batch.kind] += len(verdict.accepted)
            done(len(batch.items))
        return self.totals
