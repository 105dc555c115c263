"""Watches the counts and tells of each alert once, whatever crashes in between."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import msgspec

from services.metrics import telemetry
from services.metrics.periods import window_ending
from services.metrics.queries import Queries
from services.metrics.rules import Incident, Rule, alert, following
from services.metrics.store import Incidents
from shared.clock import Clock
from shared.errors import Unavailable
from shared.events import notice_message
from shared.kafka import Publisher
from shared.reference import Reference

log = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 30


class Pace(NamedTuple):
    """Counts have come to rest after `rest_seconds` without a change; `caught_up` says if the log holds no more."""

    rest_seconds: float
    caught_up: Callable[[], bool]


class Watch:
    """Evaluates the rules when the counts have changed and come to rest, and every half minute in a steady stream.

    At rest, so that the middle of a load raises nothing. An alert is published first and remembered after: a crash
    between the two publishes it again with the same id, which its readers know.
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
        self._rules, self._queries, self._incidents = rules, queries, incidents
        self._publisher, self._reference, self._clock = publisher, reference, clock
        self._public_url, self._pace = public_url, pace
        self._changed = asyncio.Event()

    def counts_changed(self) -> None:
        self._changed.set()

    async def run(self, show: Callable[[], Awaitable[None]]) -> None:
        """Watch until cancelled, and have the counts shown whenever they have come to rest."""
        while True:
            await self._until_at_rest()
            try:
                await self.evaluate()
                await show()
            except Unavailable as error:
                log.warning("alert rules are evaluated later: %s", error)

    async def _until_at_rest(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST_WAIT_SECONDS
        await self._change_within(_LONGEST_WAIT_SECONDS)
        while self._must_wait(loop.time() < deadline):
            changed = await self._change_within(self._pace.rest_seconds)
            self._changed.clear()
            if not changed and self._pace.caught_up():
                return  # a load that pauses is not at rest: there is more to count

    def _must_wait(self, early: bool) -> bool:
        # A stream that never rests is evaluated all the same, but not while there is more to count already.
        return early or not self._pace.caught_up()

    async def _change_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def evaluate(self) -> None:
        """Evaluate every rule now, in each of its datasets, and tell of what has changed."""
        known = await self._incidents.all()
        for rule in self._rules:
            for dataset in rule.datasets:
                name = f"{rule.id}/{dataset}"
                known[name] = await self._evaluate(rule, dataset, known.get(name)) or known.get(
                    name, Incident(0, False)
                )
            telemetry.ALERTS.labels(rule.id).set(sum(known[f"{rule.id}/{each}"].open for each in rule.datasets))

    async def _evaluate(self, rule: Rule, dataset: str, incident: Incident | None) -> Incident | None:
        telemetry.EVALUATIONS.inc()
        measure = self._reference.measures.resolve(rule.measure)
        area = self._reference.areas.resolve(rule.area)
        yesterday = self._clock.today() - timedelta(days=1)
        end = min(await self._queries.last_day(self._queries.reach_of(measure), dataset), yesterday)
        window = window_ending(rule.window, end)
        comparison, _ = await self._queries.comparison(measure, area, dataset, rule.window, window, rule.against)
        told = following(incident, rule.met(comparison))
        if told:
            told = msgspec.structs.replace(told, series=await self._incidents.series(self._clock.now()))
            link = (
                f"{self._public_url}/v1/compare?measure={measure.id}&area={area.id}&dataset={dataset}"
                f"&window={rule.window}&against={rule.against}&end={end}"
            )
            event = alert(rule, dataset, told, comparison, measure, area, link, self._clock.now())
            await self._publisher.publish([notice_message(event, "metrics")])
            await self._incidents.keep(f"{rule.id}/{dataset}", told)
            log.info("alert %s: %s", event.state, event.text)
        return told
