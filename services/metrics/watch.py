"""Watches the counts and tells of each alert once, whatever crashes in between, and however many processes watch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence

from services.metrics import telemetry
from services.metrics.judging import Judges, Watched
from services.metrics.queries import Queries
from services.metrics.resting import Pace, Progress, Seen
from services.metrics.rules import Incident, Rule, contested, fingerprints
from services.metrics.store import Incidents, Turn
from services.metrics.telling import Telling
from shared.clock import Clock
from shared.errors import Unavailable
from shared.kafka import Publisher
from shared.reference import Reference

log = logging.getLogger(__name__)


class Watch:
    """Evaluates the rules whose measures have changed, once the counts have come to rest; in a steady stream, often.

    At rest, so that the middle of a load raises nothing; by one process at a time; and only rules that every process
    has alike, so that in the middle of a deployment none clears what another has raised.
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
        self._rules, self._fingerprints = {rule.id: rule for rule in rules}, fingerprints(rules)
        self._watched = [Watched(rule, dataset) for rule in rules for dataset in rule.datasets]
        self._queries, self._incidents, self._judges = queries, incidents, Judges(queries, reference)
        self._reference, self._clock, self._pace = reference, clock, pace
        self._telling = Telling(incidents, publisher, clock, public_url)
        self._judged_at: dict[Watched, Hashable] = {}
        self._contested: Collection[str] = frozenset()
        self._was_counting = False

    async def run(self, show: Callable[[], Awaitable[None]]) -> None:
        """Watch until cancelled, and have the counts shown whenever they have come to rest."""
        now = asyncio.get_running_loop().time
        seen, progress = Seen(now()), Progress(self._pace, now())
        while True:
            await asyncio.sleep(self._pace.rest_seconds)
            try:
                if await self._has_come_to_rest(seen, is_counting=self._is_counting(progress, now())):
                    await self.evaluate()
                    await show()
                    seen.is_done = True
            except Unavailable as error:
                log.warning("alert rules are evaluated later: %s", error)

    def _is_counting(self, progress: Progress, now: float) -> bool:
        is_counting = progress.is_counting(now)
        if self._was_counting and not is_counting and not self._pace.caught_up():
            log.warning("the log holds more, and for long nothing was counted: alert rules are evaluated all the same")
        self._was_counting = is_counting
        return is_counting

    async def _has_come_to_rest(self, seen: Seen, *, is_counting: bool) -> bool:
        """Whether there is something to evaluate, and the counts rest, or have not rested for long.

        A stream that never rests is evaluated all the same, but not while there is more to count already, here or in
        another process: a load that pauses is not at rest.
        """
        turn = await self._turn(is_counting=is_counting)
        if is_counting or not turn.all_rest:
            seen.is_done = False  # and no counts are read, which would only keep the load waiting
            return False
        found = await self._queries.version(), self._clock.today(), frozenset(self._contested)
        rests = seen.rests(found, asyncio.get_running_loop().time())
        return rests and not (seen.is_done and not self._is_pending(turn))

    def _is_pending(self, turn: Turn) -> bool:
        """Whether a rule is to be evaluated though nothing has changed: it is half way to being raised or cleared."""
        return turn.is_mine and any(
            each not in self._judged_at for each in self._watched if each.rule.id not in self._contested
        )

    async def evaluate(self) -> None:
        """Evaluate the rules whose measures have changed, if it is this process's turn, and tell of what follows."""
        turn = await self._turn(is_counting=False)
        if not turn.is_mine:
            self._show({})
            return
        known = await self._incidents.all()
        for name, incident in known.items():
            known[name] = await self._settled(name, incident)
        due = await self._due()
        telemetry.EVALUATIONS.inc(len(due))
        half_way = set()
        for each in await self._judges.judge(due, self._clock.today()):
            before = known.get(each.name)
            known[each.name] = after = await self._telling.follow(each, before)
            if after.streak and after is not before:
                half_way.add(Watched(each.rule, each.at.on.dataset))
        # Only now: where Kafka or Redis fails half way, the rest is judged again, and what was decided stays decided.
        self._judged_at |= {each: stamp for each, stamp in due.items() if each not in half_way}
        self._show(known)

    async def _turn(self, *, is_counting: bool) -> Turn:
        """Whose turn it is; what another process judges meanwhile is judged again when the turn comes."""
        turn = await self._incidents.turn(self._fingerprints, is_counting=is_counting)
        if not turn.is_mine:
            self._judged_at.clear()
        disputed = contested(self._fingerprints, turn.other_rules)
        if disputed != self._contested:
            said = ", ".join(sorted(disputed)) or "none any more"
            log.warning("alert rules that wait, as another process has them otherwise or not at all: %s", said)
            telemetry.CONTESTED.set(len(disputed))
            self._contested = disputed
        return turn

    async def _settled(self, name: str, incident: Incident) -> Incident:
        """The incident with what was untold of it told; closed, where no rule is left that could close it."""
        told = await self._telling.tell(name, incident)
        if told.open and name.partition("/")[0] not in self._contested and not self._is_watched(name):
            return await self._telling.withdraw(name, told)
        return told

    def _is_watched(self, name: str) -> bool:
        rule = self._rules.get(name.partition("/")[0])
        return rule is not None and any(
            rule.covers(dataset, area, name) for dataset in rule.datasets for area in rule.places(self._reference)
        )

    async def _due(self) -> dict[Watched, Hashable]:
        """The rules to evaluate, with what their measures and the day are at now."""
        found: dict[Watched, Hashable] = {}
        for each in self._watched:
            stamp = self._clock.today(), await self._queries.stamp(self._judges.measure(each.rule), each.dataset)
            if self._judged_at.get(each) != stamp:
                self._judged_at.pop(each, None)
                if each.rule.id not in self._contested:
                    found[each] = stamp
        return found

    def _show(self, known: dict[str, Incident]) -> None:
        open_ones = [name.partition("/")[0] for name, each in known.items() if each.open]
        for rule in self._rules:
            telemetry.ALERTS.labels(rule).set(open_ones.count(rule))
