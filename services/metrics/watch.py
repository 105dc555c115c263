"""Watches the counts and tells of each alert once, whatever crashes in between, and however many processes watch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import NamedTuple

import msgspec

from services.metrics import telemetry
from services.metrics.judging import Judged, Judges, Watched
from services.metrics.queries import Queries
from services.metrics.rules import Incident, Rule, alert, following, is_turned, withdrawn
from services.metrics.store import Incidents
from shared.clock import Clock
from shared.errors import Unavailable
from shared.events import Alert, notice_message
from shared.kafka import Publisher
from shared.reference import Reference

log = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 10
_decoder = msgspec.json.Decoder(Alert)


class Pace(NamedTuple):
    """Counts have come to rest after `rest_seconds` without a change; `caught_up` says if the log holds no more."""

    rest_seconds: float
    caught_up: Callable[[], bool]


class _Seen:
    """What the last look at the counts found, whether it has been dealt with, and since when there was more to do."""

    def __init__(self, now: float) -> None:
        self.is_done, self.since = False, now
        self._found: Hashable = None

    def note(self, found: Hashable, now: float) -> bool:
        """Whether it was found at the last look as well."""
        is_still = found == self._found
        if self.is_done:
            self.since = now
        self.is_done = self.is_done and is_still
        self._found = found
        return is_still


class Watch:
    """Evaluates the rules whose measures have changed, once the counts have come to rest; in a steady stream, often.

    At rest, so that the middle of a load raises nothing. What is to be told is decided and remembered in one step, by
    one process at a time, and published after that: a crash in between publishes the same event again, under the same
    id, which its readers know.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        queries: Queries,
        incidents: Incidents,
        publisher: Publisher,
        reference: Reference,
        clock: Clock,
        public_url: str,
        pace: Pace,
    ) -> None:
        self._rules = rules
        self._watched = [Watched(rule, dataset) for rule in rules for dataset in rule.datasets]
        self._queries, self._incidents, self._judges = queries, incidents, Judges(queries, reference)
        self._reference = reference
        self._publisher, self._clock = publisher, clock
        self._public_url, self._pace = public_url, pace
        self._judged_at: dict[Watched, Hashable] = {}
        self._half_way: set[Watched] = set()

    async def run(self, show: Callable[[], Awaitable[None]]) -> None:
        """Watch until cancelled, and have the counts shown whenever they have come to rest."""
        seen = _Seen(asyncio.get_running_loop().time())
        while True:
            await asyncio.sleep(self._pace.rest_seconds)
            try:
                if await self._has_come_to_rest(seen):
                    await self.evaluate()
                    await show()
                    seen.is_done = True
            except Unavailable as error:
                log.warning("alert rules are evaluated later: %s", error)

    async def _has_come_to_rest(self, seen: _Seen) -> bool:
        """Whether there is something to evaluate, and the counts rest, or have not rested for long.

        A stream that never rests is evaluated all the same, but not while there is more to count already, here or in
        another process: a load that pauses is not at rest.
        """
        caught_up = self._pace.caught_up()
        turn = await self._incidents.turn(caught_up=caught_up)
        if not turn.is_mine:
            self._judged_at.clear()  # what another process judges meanwhile is judged again when the turn comes
        if not caught_up or not turn.all_rest:
            seen.is_done = False  # and no counts are read, which would only keep the load waiting
            return False
        found, now = (await self._queries.version(), self._clock.today()), asyncio.get_running_loop().time()
        is_still = seen.note(found, now)
        if seen.is_done and not self._is_pending(turn.is_mine):
            return False
        return is_still or now - seen.since > _LONGEST_WAIT_SECONDS

    def _is_pending(self, is_mine: bool) -> bool:
        """Whether a rule is to be evaluated though nothing has changed: it is half way to being raised or cleared."""
        return is_mine and len(self._judged_at) < len(self._watched)

    async def evaluate(self) -> None:
        """Evaluate the rules whose measures have changed, if it is this process's turn, and tell of what follows."""
        turn = await self._incidents.turn(caught_up=self._pace.caught_up())
        if not turn.is_mine:
            self._judged_at.clear()
            self._show({})
            return
        known = await self._incidents.all()
        for name, incident in known.items():
            known[name] = await self._settled(name, incident)
        due = await self._due()
        telemetry.EVALUATIONS.inc(len(due))
        judged = await self._judges.judge(due, self._clock.today())
        for each in judged:
            known[each.name] = await self._follow(each, known.get(each.name))
        # Only now: where Kafka or Redis fails half way, the rest is judged again, and what was decided stays decided.
        self._judged_at |= {each: stamp for each, stamp in due.items() if each not in self._half_way}
        self._show(known)

    async def _settled(self, name: str, incident: Incident) -> Incident:
        """The incident with what was untold of it told; closed, where no rule is left that could close it."""
        if incident.untold:
            incident = await self._tell(name, incident)
        if incident.open and not self._is_watched(name):
            return await self._withdraw(name, incident)
        return incident

    def _is_watched(self, name: str) -> bool:
        return any(
            rule.covers(dataset, area, name)
            for rule, dataset in self._watched
            if name.startswith(f"{rule.id}/{dataset}")
            for area in rule.places(self._reference)
        )

    async def _withdraw(self, name: str, incident: Incident) -> Incident:
        closed = Incident(incident.number, series=incident.series)
        if incident.raised:
            event = withdrawn(_decoder.decode(incident.raised), self._clock.now())
            closed = msgspec.structs.replace(closed, untold=msgspec.json.encode(event).decode())
        else:
            log.warning("no alert rule watches %s any more, and what it was raised by was not kept: forgotten", name)
        if not await self._incidents.keep(name, incident, closed):
            return incident
        return await self._tell(name, closed) if closed.untold else closed

    async def _due(self) -> dict[Watched, Hashable]:
        """The rules to evaluate, with what their measures and the day are at now."""
        found: dict[Watched, Hashable] = {}
        for each in self._watched:
            measure = self._judges.measure(each.rule)
            stamp = self._clock.today(), await self._queries.stamp(measure, each.dataset)
            if self._judged_at.get(each) != stamp:
                found[each] = stamp
                self._judged_at.pop(each, None)
        self._half_way.clear()
        return found

    async def _follow(self, judged: Judged, before: Incident | None) -> Incident:
        rule, judgement = judged.rule, judged.judgement
        now = following(before, judgement.met, judgement.holds, rule.raise_after, rule.clear_after)
        if now is None:
            return before or Incident()
        if now.streak:
            self._half_way.add(Watched(rule, judged.at.on.dataset))
        if is_turned(before, now):
            series = now.series if now.series and not now.open else await self._incidents.series(self._clock.now())
            now = msgspec.structs.replace(now, series=series)
            event = self._event(judged, now)
            now = msgspec.structs.replace(now, untold=event, raised=event if now.open else "")
        if not await self._incidents.keep(judged.name, before, now):
            log.warning("another process evaluates alert rules now: %s is its to tell", judged.name)
            return before or Incident()
        return await self._tell(judged.name, now) if now.untold else now

    def _event(self, judged: Judged, now: Incident) -> str:
        on = judged.at.on
        event = alert(
            judged.rule, on.dataset, now, judged.judgement, on.measure, on.area, self._public_url, self._clock.now()
        )
        return msgspec.json.encode(event).decode()

    async def _tell(self, name: str, incident: Incident) -> Incident:
        """Publish what is untold of an incident; raises Unavailable, and it is told at the next evaluation."""
        event = _decoder.decode(incident.untold)
        await self._publisher.publish([notice_message(event, "metrics")])
        told = msgspec.structs.replace(incident, untold="")
        await self._incidents.keep(name, incident, told)
        log.info("alert %s: %s", event.state, event.text)
        return told

    def _show(self, known: dict[str, Incident]) -> None:
        open_ones = [name.partition("/")[0] for name, each in known.items() if each.open]
        for rule in self._rules:
            telemetry.ALERTS.labels(rule.id).set(open_ones.count(rule.id))
