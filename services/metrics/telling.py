"""Decides that an incident opens or closes, and tells of it: in this order, so that each is told once."""

import logging

import msgspec

from services.metrics.judging import Judged
from services.metrics.rules import Incident, alert, following, is_turned, withdrawn
from services.metrics.store import Incidents
from shared.clock import Clock
from shared.events import Alert, notice_message
from shared.kafka import Publisher

log = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(Alert)


class Telling:
    """What is to be told is remembered together with what was decided, and published after that.

    A crash in between publishes the same event again, under the same id, which its readers know. Raises Unavailable
    where Redis or Kafka do not answer; what was decided by then is told at the next evaluation.
    """

    def __init__(self, incidents: Incidents, publisher: Publisher, clock: Clock, public_url: str) -> None:
        self._incidents, self._publisher, self._clock, self._public_url = incidents, publisher, clock, public_url

    async def follow(self, judged: Judged, before: Incident | None) -> Incident:
        """The incident after what was judged; told of, where that opens or closes it."""
        rule, judgement = judged.rule, judged.judgement
        now = following(before, judgement.met, judgement.holds, rule.raise_after, rule.clear_after)
        if now is None:
            return before or Incident()
        if is_turned(before, now):
            series = now.series if now.series and not now.open else await self._incidents.series(self._clock.now())
            now = msgspec.structs.replace(now, series=series)
            event = self._event(judged, now)
            now = msgspec.structs.replace(now, untold=event, raised=event if now.open else "")
        if not await self._incidents.keep(judged.name, before, now):
            log.warning("another process evaluates alert rules now: %s is its to tell", judged.name)
            return before or Incident()
        return await self.tell(judged.name, now)

    async def withdraw(self, name: str, incident: Incident) -> Incident:
        """Close an incident that no rule is left to close."""
        closed = Incident(incident.number, series=incident.series)
        if incident.raised:
            event = withdrawn(_decoder.decode(incident.raised), self._clock.now())
            closed = msgspec.structs.replace(closed, untold=msgspec.json.encode(event).decode())
        else:
            log.warning("no alert rule watches %s any more, and what it was raised by was not kept: forgotten", name)
        if not await self._incidents.keep(name, incident, closed):
            return incident
        return await self.tell(name, closed)

    async def tell(self, name: str, incident: Incident) -> Incident:
        """Publish what is untold of an incident, if anything is."""
        if not incident.untold:
            return incident
        event = _decoder.decode(incident.untold)
        await self._publisher.publish([notice_message(event, "metrics")])
        told = msgspec.structs.replace(incident, untold="")
        await self._incidents.keep(name, incident, told)
        log.info("alert %s: %s", event.state, event.text)
        return told

    def _event(self, judged: Judged, now: Incident) -> str:
        on = judged.at.on
        event = alert(
            judged.rule, on.dataset, now, judged.judgement, on.measure, on.area, self._public_url, self._clock.now()
        )
        return msgspec.json.encode(event).decode()
